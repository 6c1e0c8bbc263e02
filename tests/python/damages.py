"""dbt's data tests, tried on marts that were damaged on purpose."""

from __future__ import annotations

import re
from pathlib import Path

from commands import BuiltWarehouse

from warehouse.connection import connect


def rows_found(built: BuiltWarehouse, test: str, damage: str | None = None) -> list[object]:
    """Return what a data test finds, as the demo compiled it, after the damage if there is one.

    The damage must change something; it is undone again.
    """
    with connect(built.target) as connection:
        if damage is not None:
            assert connection.execute(damage.encode()).rowcount > 0
        found = connection.execute(_compiled(built, test)).fetchall()
        connection.rollback()
    return list(found)


def _compiled(built: BuiltWarehouse, test: str) -> bytes:
    target: Path = built.truth_dir.parents[1] / "target"
    (found,) = (target / "compiled").rglob(f"{test}.sql")
    # The SQL names the database that it was compiled for.
    return re.sub(r'"\w+"\.("\w+"\."\w+")', r"\1", found.read_text()).encode()
