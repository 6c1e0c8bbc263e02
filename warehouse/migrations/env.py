"""Alembic's environment: runs the revisions on the connection that `warehouse.migrate` gives."""

from __future__ import annotations

from alembic import context
from sqlalchemy.engine import Connection

from warehouse.migrate import VERSION_SCHEMA, VERSION_TABLE

connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    version_table=VERSION_TABLE,
    version_table_schema=VERSION_SCHEMA,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
