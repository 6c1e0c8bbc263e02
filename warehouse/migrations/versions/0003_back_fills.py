"""Keep the books of back-fills, and index when the large tables' rows were landed."""

from __future__ import annotations

from warehouse.migrate import run_sql_file

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the table and the indexes."""
    run_sql_file("0003_back_fills.sql")
