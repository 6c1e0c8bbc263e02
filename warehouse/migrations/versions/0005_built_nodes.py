"""Keep a book of what is built, so that a build costs what changed."""

from __future__ import annotations

from warehouse.migrate import run_sql_file

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the book of built nodes."""
    run_sql_file("0005_built_nodes.sql")
