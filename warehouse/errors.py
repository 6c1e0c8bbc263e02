"""The errors a person at the terminal may meet, each with its own exit code.

::

    YtempireError                  1  (never raised itself)
    ├── ConfigurationError         3  a setting is missing or wrong
    ├── CredentialsError           4  a source refused our credentials
    ├── QuotaError                 5  a source's quota is used up
    ├── SourceUnavailableError     6  a source does not answer, or answers nonsense
    ├── BadDataError               7  rows could not be read; they are in quarantine
    ├── DatabaseError              8  the warehouse (or platform) database does not answer
    ├── PortInUseError             9  a port that must be ours is taken
    ├── DirectoryError            10  a directory cannot be written
    ├── BuildError                11  a model or a data test failed
    ├── AlreadyRunningError       12  another run holds the lock
    ├── ValidationError           13  landed data are not as expected; what needs them waits
    └── IsolationError            14  a tenant can see rows of another one

Exit codes 0 (fine), 1 (a defect of ours, with a traceback) and 2 (wrong use of the command)
are left to the interpreter and to the command line library.
"""

from __future__ import annotations


class YtempireError(Exception):
    """A failure that is expected: one sentence says what, where and what to do about it."""

    exit_code = 1

    def __init__(self, what: str, *, hint: str = "") -> None:
        """Take the sentence `what` happened and the `hint` of what to do next."""
        super().__init__(what)
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.what} {self.hint}".strip()


class ConfigurationError(YtempireError):
    """A setting is missing, wrong, or contradicts another."""

    exit_code = 3


class CredentialsError(YtempireError):
    """A source refused the key, token or password it was given."""

    exit_code = 4


class QuotaError(YtempireError):
    """A source's quota is used up until it resets."""

    exit_code = 5


class SourceUnavailableError(YtempireError):
    """A source cannot be reached, or what it answers cannot be understood."""

    exit_code = 6


class BadDataError(YtempireError):
    """Some rows could not be read. They were put in quarantine; the rest was landed."""

    exit_code = 7


class DatabaseError(YtempireError):
    """A database cannot be reached or refuses to work."""

    exit_code = 8


class PortInUseError(YtempireError):
    """A port that must be ours is used by another program."""

    exit_code = 9


class DirectoryError(YtempireError):
    """A directory that must be written cannot be."""

    exit_code = 10


class BuildError(YtempireError):
    """A dbt model or data test failed."""

    exit_code = 11


class AlreadyRunningError(YtempireError):
    """Another run is in progress and was not waited for."""

    exit_code = 12


class ValidationError(YtempireError):
    """A critical expectation on landed data was not met; what depends on them was not built."""

    exit_code = 13


class IsolationError(YtempireError):
    """A tenant's role can see rows that are not the tenant's."""

    exit_code = 14
