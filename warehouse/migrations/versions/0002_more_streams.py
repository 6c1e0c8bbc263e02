"""Add the streams of bulk reports, breakdowns, refunds, events and infrastructure costs."""

from __future__ import annotations

from warehouse.migrate import run_sql_file

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create their tables, and the results of validation."""
    run_sql_file("0002_more_streams.sql")
