"""Protect the marts by row-level security."""

from __future__ import annotations

from warehouse.migrate import run_sql_file

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the function that dbt calls after each mart, and the book of isolation checks."""
    run_sql_file("0004_tenants.sql")
