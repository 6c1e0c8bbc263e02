"""Let the policies read the tenant's name once a query."""

from __future__ import annotations

from warehouse.migrate import run_sql_file

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Replace the function that dbt calls after each mart, and the policies that are there."""
    run_sql_file("0006_policy_read_once.sql")
