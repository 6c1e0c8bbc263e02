"""Create the raw schemas and the books of the pipeline."""

from __future__ import annotations

from warehouse.migrate import run_sql_file

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table of the first release."""
    run_sql_file("0001_raw_and_ops.sql")
