-- What of the dbt project is built, and of what: `ytempire build` builds what differs from it.
-- A row is deleted before its node is built (macro forget_builds), by whomever, and written when
-- the build has ended well, so that whatever fails, is killed or is built by hand is built again.
create table ops.built_nodes (
    node_id text primary key,
    -- A hash of the node's code, its as-of instant where it asks for one, and all its inputs.
    fingerprint text not null,
    -- The table or view that stands for it: one that was replaced or dropped is not it any more.
    relation_oid bigint,
    built_at timestamptz not null
);
