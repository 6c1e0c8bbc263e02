"""What a user's organisation must hold: its datasource and its dashboards."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grafana.query import DATASOURCE_TYPE, DATASOURCE_UID

DASHBOARDS = Path(__file__).parent.parent / "provisioning" / "dashboards" / "user"
HOME = "ytempire-my-revenue"
"""The dashboard that a user sees first."""
TAG = "ytempire-user"


@dataclass(frozen=True, slots=True)
class Warehouse:
    """Where Grafana finds the warehouse: `host:port`, the database, and a mode that it knows."""

    address: str
    database: str
    sslmode: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A user's place in Grafana: who they are, and the password of their role.

    `first_password` gives the one that a new account is made with, and is asked only then. `role`
    names the role in the warehouse, the organisation and the account alike, as it never
    changes; people log in with their e-mail address.
    """

    role: str
    email: str
    database_password: str = field(repr=False)
    first_password: Callable[[], str] = field(repr=False)


def datasource(wanted: Wanted, warehouse: Warehouse) -> dict[str, Any]:
    """Give the body that makes or changes the datasource, with the password.

    Grafana never tells a password, so a mark of it stands beside it: where the mark is another,
    the password is sent again. The password is random and long; its mark tells nothing of it.
    """
    marked = hashlib.sha256(f"{wanted.role} {wanted.database_password}".encode()).hexdigest()
    return {
        "name": "Marts",
        "uid": DATASOURCE_UID,
        "type": DATASOURCE_TYPE,
        "access": "proxy",
        "url": warehouse.address,
        "user": wanted.role,
        "database": warehouse.database,
        "isDefault": True,
        "jsonData": {
            "database": warehouse.database,
            "sslmode": warehouse.sslmode,
            "postgresVersion": 1500,
            "timescaledb": False,
            # Fifty organisations share the server's connections: few each, and none kept for long.
            "maxOpenConns": 4,
            "maxIdleConns": 2,
            "connMaxLifetime": 300,
            "ytempirePasswordMark": marked[:16],
        },
        "secureJsonData": {"password": wanted.database_password},
    }


def is_as_wanted(present: dict[str, Any], body: dict[str, Any]) -> bool:
    """Tell whether a datasource is what `body` would make of it, as far as Grafana tells."""
    plain = ("name", "access", "url", "user", "isDefault")
    has = present.get("jsonData") or {}
    return (
        all(present.get(key) == body[key] for key in plain)
        and all(has.get(key) == value for key, value in body["jsonData"].items())
        and bool((present.get("secureJsonFields") or {}).get("password"))
    )


def is_of(present: dict[str, Any] | None, role: str, warehouse: Warehouse) -> bool:
    """Tell whether a datasource leads `role` to this warehouse."""
    if present is None:
        return False
    database = (present.get("jsonData") or {}).get("database") or present.get("database")
    found = (present.get("user"), present.get("url"), database)
    return found == (role, warehouse.address, warehouse.database)


@dataclass(frozen=True, slots=True)
class DashboardFile:
    """A generated dashboard, and the words that its version in Grafana is saved with."""

    uid: str
    model: dict[str, Any]
    message: str


def read_dashboards(folder: Path = DASHBOARDS) -> Sequence[DashboardFile]:
    """Return the users' dashboards as they were generated."""
    files = []
    for path in sorted(folder.glob("*.json")):
        text = path.read_text(encoding="utf-8")
        model = json.loads(text)
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        files.append(DashboardFile(model["uid"], model, f"ytempire tenants sync {digest}"))
    return files
