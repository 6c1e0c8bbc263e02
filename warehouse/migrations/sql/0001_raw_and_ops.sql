-- Raw streams and the books of the pipeline. Every raw table has the source's key, the columns
-- that are needed to merge and to partition, the source's payload as it came, the batch that
-- landed it and when. Entities are merged on their key, report partitions are replaced whole,
-- snapshots of counters are append-only.

create schema if not exists ops;
create schema if not exists raw_youtube;
create schema if not exists raw_billing;
create schema if not exists raw_costs;
create schema if not exists raw_platform;
create schema if not exists raw_events;

-- ------------------------------------------------------------------ ops

create table ops.runs (
    run_id uuid primary key,
    command text not null,
    as_of timestamptz not null,
    started_at timestamptz not null,
    finished_at timestamptz,
    status text not null check (status in ('running', 'succeeded', 'failed', 'interrupted')),
    exit_code integer,
    message text
);

-- One row a committed batch. Its key settles a COMMIT whose answer was lost.
create table ops.batches (
    batch_id uuid primary key,
    run_id uuid references ops.runs (run_id),
    source text not null,
    stream text not null,
    scope text not null default '',
    rows_read bigint not null,
    rows_landed bigint not null,
    rows_quarantined bigint not null,
    committed_at timestamptz not null
);
create index batches_stream on ops.batches (source, stream, committed_at);

-- How far each stream was read, within a scope (a channel, a file; '' for the whole stream).
create table ops.cursors (
    source text not null,
    stream text not null,
    scope text not null default '',
    value jsonb not null,
    batch_id uuid not null references ops.batches (batch_id),
    updated_at timestamptz not null,
    primary key (source, stream, scope)
);

-- Rows that could not be read: the payload as text, where it came from, and why.
create table ops.quarantine (
    quarantine_id bigint generated always as identity primary key,
    batch_id uuid not null references ops.batches (batch_id),
    source text not null,
    stream text not null,
    location text not null,
    reason text not null,
    payload text not null,
    created_at timestamptz not null
);
-- A source that is read again tells the same bad row again: it is kept once.
create unique index quarantine_once
on ops.quarantine (source, stream, md5(location), md5(reason), md5(payload));

-- How each source fared in each run.
create table ops.source_results (
    run_id uuid not null references ops.runs (run_id),
    source text not null,
    status text not null check (status in ('landed', 'disabled', 'failed')),
    rows_landed bigint not null default 0,
    rows_quarantined bigint not null default 0,
    message text,
    finished_at timestamptz not null,
    primary key (run_id, source)
);

-- Every call to a metered API: the ledger of YouTube quota.
create table ops.api_calls (
    call_id bigint generated always as identity primary key,
    run_id uuid,
    called_at timestamptz not null,
    api text not null,
    method text not null,
    bucket text not null,
    units integer not null,
    status_code integer,
    reason text,
    latency_ms integer not null,
    user_id uuid
);
create index api_calls_called_at on ops.api_calls (called_at);

-- Facts about this database that are not settings: for example the world of the demo.
create table ops.notes (
    name text primary key,
    value jsonb not null,
    updated_at timestamptz not null default now()
);

-- ------------------------------------------------------------------ raw_youtube

create table raw_youtube.channels (
    channel_id text primary key,
    payload jsonb not null,
    _batch_id uuid not null,
    _loaded_at timestamptz not null
);

create table raw_youtube.channel_snapshots (
    channel_id text not null,
    captured_at timestamptz not null,
    payload jsonb not null,
    _batch_id uuid not null,
    _loaded_at timestamptz not null,
    primary key (channel_id, captured_at)
) partition by range (captured_at);

create table raw_youtube.playlist_items (
    channel_id text not null,
    video_id text not null,
    payload jsonb not null,
    _batch_id uuid not null,
    _loaded_at timestamptz not null,
    primary key (channel_id, video_id)
);

create table raw_youtube.videos (
    video_id text primary key,
    channel_id text not null,
    payload jsonb not null,
    _batch_id uuid not null,
    _loaded_at timestamptz not null
);
create index videos_channel_id on raw_youtube.videos (channel_id);

create table raw_youtube.video_snapshots (
    video_id text not null,
    captured_at timestamptz not null,
    payload jsonb not null,
    _batch_id uuid not null,
    _loaded_at timestamptz not null,
    primary key (video_id, captured_at)
) partition by range (captured_at);

create table raw_youtube.channel_day_core (
    channel_id text not null,
    report_date date not null,
    payload jsonb not null,
    _batch_id uuid not null,
    _loaded_at timestamptz not null,
    primary key (channel_id, report_date)
);

create table raw_youtube.channel_day_revenue (
    channel_id text not null,
    report_date date not null,
    payload jsonb not null,
    _batch_id uuid not null,
    _loaded_at timestamptz not null,
    primary key (channel_id, report_date)
);

create table raw_youtube.video_day_core (
    channel_id text not null,
    report_date date not null,
    video_id text not null,
    payload jsonb not null,
    _batch_id uuid not null,
    _loaded_at timestamptz not null,
    primary key (channel_id, report_date, video_id)
) partition by range (report_date);

create table raw_youtube.video_day_revenue (
    channel_id text not null,
    report_date date not null,
    video_id text not null,
    payload jsonb not null,
    _batch_id uuid not null,
    _loaded_at timestamptz not null,
    primary key (channel_id, report_date, video_id)
) partition by range (report_date);

-- ------------------------------------------------------------------ raw_billing (Stripe)

do $$
declare
    entity text;
begin
    foreach entity in array array['customers', 'products', 'prices', 'subscriptions', 'invoices']
    loop
        execute format(
            'create table raw_billing.%I (
                id text primary key,
                created_at timestamptz not null,
                payload jsonb not null,
                _batch_id uuid not null,
                _loaded_at timestamptz not null
            )', entity
        );
    end loop;
end
$$;

-- ------------------------------------------------------------------ raw_costs

create table raw_costs.openai_costs (
    bucket_date date not null,
    project_id text not null,
    line_item text not null,
    payload jsonb not null,
    _batch_id uuid not null,
    _loaded_at timestamptz not null,
    primary key (bucket_date, project_id, line_item)
);

create table raw_costs.elevenlabs_usage (
    usage_date date not null,
    product text not null,
    payload jsonb not null,
    _batch_id uuid not null,
    _loaded_at timestamptz not null,
    primary key (usage_date, product)
);

create table raw_costs.expenses (
    file_name text not null,
    line_number integer not null,
    expense_date date not null,
    payload jsonb not null,
    _batch_id uuid not null,
    _loaded_at timestamptz not null,
    primary key (file_name, line_number)
);

-- ------------------------------------------------------------------ raw_platform

do $$
declare
    entity text;
begin
    foreach entity in array array[
        'users', 'channels', 'videos', 'video_generation_jobs', 'cost_ledger', 'video_costs',
        'thumbnails', 'api_logs', 'error_logs', 'system_metrics'
    ]
    loop
        execute format(
            'create table raw_platform.%I (
                id text primary key,
                updated_at timestamptz not null,
                payload jsonb not null,
                _batch_id uuid not null,
                _loaded_at timestamptz not null
            )', entity
        );
    end loop;
end
$$;
