"""The tenants' passwords, in a file that its owner alone may read.

The file is one of environment variables: `TENANT_<role's digits>_PGPASSWORD=...` is the password of
the role in the warehouse, `TENANT_<role's digits>_GRAFANA_PASSWORD=...` the one that the user's
account in Grafana was made with, which the user may have changed since.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from uuid import UUID

from warehouse.errors import ConfigurationError
from warehouse.files import write_private
from warehouse.placement import directory_errors

_LINE = re.compile(r"TENANT_([0-9A-F]{32})_(PG|GRAFANA_)PASSWORD=([A-Za-z0-9_-]+)")
_HEAD = "# The tenants' passwords, kept by `ytempire tenants sync`. For their owner alone.\n"


class TenantSecrets:
    """The passwords by tenant, read from `path` and written back whole or not at all."""

    def __init__(self, path: Path) -> None:
        """Read the file, if there is one.

        Raises ConfigurationError when others may read it or a line in it is none of ours: then
        nobody knows who has seen the passwords, or what else would be lost by writing it anew.
        """
        self.path = path
        self._passwords: dict[UUID, str] = {}
        self._first_passwords: dict[UUID, str] = {}
        with directory_errors(path):
            if not path.exists():
                return
            mode = path.stat().st_mode & 0o777
            lines = path.read_text(encoding="utf-8").splitlines()
        if mode & 0o077:
            raise ConfigurationError(
                f"{path} holds the tenants' passwords, and others may read it (mode {mode:o}).",
                hint=f"`chmod 600 {path}`, then `ytempire tenants rotate --all`.",
            )
        for number, line in enumerate(lines, 1):
            if not line.strip() or line.startswith("#"):
                continue
            match = _LINE.fullmatch(line)
            if match is None:
                raise ConfigurationError(
                    f"Line {number} of {path} is not a tenant's password.",
                    hint="Remove it; the form is TENANT_<32 hex digits>_PGPASSWORD=<password>.",
                )
            kept = self._passwords if match[2] == "PG" else self._first_passwords
            kept[UUID(match[1])] = match[3]

    def get(self, user_id: UUID) -> str | None:
        """Return a tenant's password; None where there is none."""
        return self._passwords.get(user_id)

    def renew(self, user_id: UUID) -> str:
        """Make a new password for a tenant and return it. `save` keeps it."""
        self._passwords[user_id] = secrets.token_urlsafe(32)
        return self._passwords[user_id]

    def first_password(self, user_id: UUID) -> str:
        """Return what a tenant's account in Grafana is made with. `save` keeps a new one."""
        if user_id not in self._first_passwords:
            # Grafana may ask for a letter of each kind, a digit and a sign: here they all are.
            self._first_passwords[user_id] = f"{secrets.token_urlsafe(18)}-aA1"
        return self._first_passwords[user_id]

    def forget(self, user_id: UUID) -> None:
        """Drop a tenant's passwords. `save` keeps it so."""
        self._passwords.pop(user_id, None)
        self._first_passwords.pop(user_id, None)

    def save(self) -> None:
        """Write the file, unless it says the same already."""
        lines = [f"{variable(user)}={word}\n" for user, word in sorted(self._passwords.items())]
        lines += [
            f"TENANT_{user.hex.upper()}_GRAFANA_PASSWORD={word}\n"
            for user, word in sorted(self._first_passwords.items())
        ]
        content = (_HEAD + "".join(lines)).encode()
        with directory_errors(self.path):
            if self.path.exists() and self.path.read_bytes() == content:
                return
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(self.path, content)


def variable(user_id: UUID) -> str:
    """Return the name of the environment variable with a tenant's password."""
    return f"TENANT_{user_id.hex.upper()}_PGPASSWORD"
