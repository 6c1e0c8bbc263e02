"""The book of what is built (`ops.built_nodes`), and the versions of what it is built from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ingest import streams
from runner.fingerprints import Node
from warehouse.connection import Connection

# Streams tell by their batches when rows were added, changed or removed; batches are written in
# the transaction of the rows. PostgreSQL's own counts of changed rows tell what came another way
# (a row mended by hand); after a crash they begin anew, and then everything is built.
_STREAMS = """
    select source, stream, newest.committed_at, newest.batch_id
    from unnest(%s::text[], %s::text[]) as wanted (source, stream)
    left join lateral (
        select batches.committed_at, batches.batch_id from ops.batches
        where batches.source = wanted.source and batches.stream = wanted.stream
            and batches.rows_landed > 0
        order by batches.committed_at desc, batches.batch_id
        limit 1
    ) as newest on true
"""
_CHANGES = """
    select tables.schemaname || '.' || coalesce(parents.relname, tables.relname),
        sum(tables.n_tup_ins), sum(tables.n_tup_upd), sum(tables.n_tup_del),
        count(*)
    from pg_stat_user_tables as tables
    left join pg_inherits on pg_inherits.inhrelid = tables.relid
    left join pg_class as parents on parents.oid = pg_inherits.inhparent
    where tables.schemaname like 'raw\\_%'
    group by 1
"""
_BOOKS = {
    "ops.batches": "select count(*), max(committed_at) from ops.batches",
    "ops.cursors": "select count(*), max(updated_at) from ops.cursors",
    "ops.runs": """
        select count(*), max(started_at), max(finished_at), string_agg(distinct status, ' ')
        from ops.runs
    """,
    "ops.source_results": "select count(*), max(finished_at) from ops.source_results",
    "ops.api_calls": "select count(*), max(call_id) from ops.api_calls",
    "ops.validation_results": "select count(*), max(checked_at) from ops.validation_results",
    "ops.isolation_checks": "select count(*), max(checked_at) from ops.isolation_checks",
}


def read_versions(connection: Connection) -> dict[str, str]:
    """Return a version of each raw table (schema.table), which changes when its rows do."""
    known = _streams()
    changes = {name: counts for name, *counts in connection.execute(_CHANGES)}
    wanted = list(zip(*known, strict=True)) if known else [(), ()]
    versions = {}
    for source, stream, *newest in connection.execute(_STREAMS, [list(part) for part in wanted]):
        table = known[source, stream]
        versions[table] = str([newest, changes.get(table)])
    for table, query in _BOOKS.items():
        versions[table] = str(connection.execute(query.encode()).fetchone())
    return versions


def _streams() -> dict[tuple[str, str], str]:
    named = [item for item in vars(streams).values() if isinstance(item, streams.Stream)]
    tables = map(streams.platform_stream, streams.PLATFORM_TABLES)
    return {(item.source, item.name): item.table for item in [*named, *tables]}


def schema_version(connection: Connection) -> str:
    """Return the revision that the warehouse was migrated to: its functions serve every mart."""
    row = connection.execute("select version_num from ops.schema_version").fetchone()
    return str(row[0]) if row else ""


def read_built(connection: Connection) -> dict[str, str]:
    """Return the fingerprints of what is built and still stands as it was built."""
    rows = connection.execute(
        """
        select node_id, fingerprint from ops.built_nodes
        left join pg_class on pg_class.oid = relation_oid
        where relation_oid is null or pg_class.oid is not null
        """
    )
    return dict(rows.fetchall())


def note_built(connection: Connection, nodes: Iterable[Node]) -> None:
    """Note that these nodes are built from what their fingerprints say."""
    with connection.transaction():
        for node in nodes:
            relation = None if node.relation is None else '"{}"."{}"'.format(*node.relation)
            connection.execute(
                """
                insert into ops.built_nodes (node_id, fingerprint, relation_oid, built_at)
                select %(node)s, %(fingerprint)s, to_regclass(%(relation)s), clock_timestamp()
                where %(relation)s::text is null or to_regclass(%(relation)s) is not null
                on conflict (node_id) do update set
                    fingerprint = excluded.fingerprint,
                    relation_oid = excluded.relation_oid,
                    built_at = excluded.built_at
                """,
                {"node": node.node_id, "fingerprint": node.fingerprint, "relation": relation},
            )


def standing(connection: Connection, nodes: Mapping[str, Node]) -> set[str]:
    """Return which nodes have a table or view."""
    found = connection.execute("select relnamespace::regnamespace::text, relname from pg_class")
    relations = {tuple(row) for row in found}
    return {name for name, node in nodes.items() if node.relation in relations}
