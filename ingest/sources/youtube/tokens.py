"""The owners' refresh tokens: encrypted in the platform's database, open in memory alone.

They are never landed, logged or shown.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import psycopg
from cryptography.fernet import Fernet, InvalidToken

from warehouse.errors import ConfigurationError, CredentialsError, DatabaseError

_CONNECT_SECONDS = 10
_NAMED = 5

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A secret that does not show itself."""

    secret: str = field(repr=False)

    def __str__(self) -> str:
        return "RefreshToken()"


TokenStore = Callable[[], Mapping[str, RefreshToken]]


def platform_tokens(database_url: str, encryption_key: str) -> TokenStore:
    """Return a store that reads the platform's database anew each time it is called.

    Calling it gives the tokens by YouTube channel id. It raises `ConfigurationError` for a key
    that is none, `CredentialsError` where the key opens no token, `DatabaseError` where the
    platform's database does not answer.
    """

    def read() -> Mapping[str, RefreshToken]:
        fernet = _fernet(encryption_key)
        tokens: dict[str, RefreshToken] = {}
        closed: list[str] = []
        for channel, encrypted in _read_encrypted(database_url):
            try:
                tokens[channel] = RefreshToken(fernet.decrypt(encrypted.encode()).decode())
            except (InvalidToken, UnicodeError):
                closed.append(channel)
        if closed and not tokens:
            raise CredentialsError(
                f"TOKEN_ENCRYPTION_KEY opens none of the {len(closed)} refresh tokens in the "
                "platform's database.",
                hint="Set it to the key that the platform encrypts them with.",
            )
        for channel in closed:
            logger.warning("the refresh token of channel %s cannot be decrypted", channel)
        return tokens

    return read


def must_reconnect(channels: Sequence[str], of: str) -> CredentialsError:
    """Return what it means that the permission to read something of some channels is gone."""
    named = ", ".join(sorted(channels)[:_NAMED])
    more = f" and {len(channels) - _NAMED} more" if len(channels) > _NAMED else ""
    return CredentialsError(
        f"The permission to read {of} is not valid any more: {named}{more}.",
        hint="Their owners must connect them to the platform again; the others were landed.",
    )


def _fernet(key: str) -> Fernet:
    try:
        return Fernet(key.encode())
    except ValueError:
        # The error's own text and traceback could show the key.
        raise ConfigurationError(
            "TOKEN_ENCRYPTION_KEY is not a Fernet key.",
            hint="It is 32 bytes in URL-safe base64, 44 characters that end in '='.",
        ) from None


def _read_encrypted(database_url: str) -> list[tuple[str, str]]:
    try:
        with psycopg.connect(database_url, connect_timeout=_CONNECT_SECONDS) as connection:
            connection.read_only = True
            return connection.execute(
                """
                select youtube_channel_id, oauth_refresh_token from ytempire.channels
                where oauth_refresh_token is not null
                order by youtube_channel_id
                """
            ).fetchall()
    except psycopg.OperationalError as error:
        raise DatabaseError(
            f"The platform database does not answer: {_first_line(error)}.",
            hint="Check PLATFORM_DATABASE_URL and that its server runs.",
        ) from None
    except psycopg.ProgrammingError as error:
        if error.sqlstate is None:  # not an address; its text may hold the password
            raise ConfigurationError(
                "PLATFORM_DATABASE_URL is not the address of a PostgreSQL database.",
                hint="It looks like postgresql://user:password@host:5432/database.",
            ) from None
        raise DatabaseError(
            f"The refresh tokens cannot be read from the platform database: {_first_line(error)}.",
            hint="Its user must be allowed to read ytempire.channels.",
        ) from error


def _first_line(error: psycopg.Error) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
