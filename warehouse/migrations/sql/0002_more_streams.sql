-- Streams that came later: YouTube's bulk reports, audience breakdowns, refunds and events of
-- Stripe, infrastructure costs, and what validation found.

-- ------------------------------------------------------------------ YouTube Reporting (bulk CSV)

-- A job is created once a channel and report type; its reports are listed by createTime.
create table raw_youtube.reporting_jobs (
    job_id text primary key,
    channel_id text not null,
    report_type_id text not null,
    payload jsonb not null,
    _batch_id uuid not null,
    _loaded_at timestamptz not null
);

-- One row a downloaded report: which day it covers, when it was created, how many rows it had.
create table raw_youtube.reporting_reports (
    report_id text primary key,
    job_id text not null,
    channel_id text not null,
    report_type_id text not null,
    report_date date not null,
    created_at timestamptz not null,
    payload jsonb not null,
    _batch_id uuid not null,
    _loaded_at timestamptz not null
);

-- The rows of the newest report of each channel and day: an older one is replaced whole. A report
-- names no key of its own (an empty video id is legitimate), so rows are told by their line.
do $$
declare
    report_type text;
begin
    foreach report_type in array array[
        'reach_basic', 'basic', 'traffic_source', 'device_os'
    ]
    loop
        execute format(
            'create table raw_youtube.reporting_%s (
                channel_id text not null,
                report_date date not null,
                line_number integer not null,
                payload jsonb not null,
                _batch_id uuid not null,
                _loaded_at timestamptz not null,
                primary key (channel_id, report_date, line_number)
            ) partition by range (report_date)', report_type
        );
    end loop;
end
$$;

-- ------------------------------------------------------------------ YouTube Analytics breakdowns

-- `part` is the value of the report's dimension: a country, a device, an operating system, a
-- traffic source, or ageGroup and gender joined by a slash.
do $$
declare
    breakdown text;
begin
    foreach breakdown in array array[
        'country', 'device', 'operating_system', 'traffic_source'
    ]
    loop
        execute format(
            'create table raw_youtube.channel_day_%s (
                channel_id text not null,
                report_date date not null,
                part text not null,
                payload jsonb not null,
                _batch_id uuid not null,
                _loaded_at timestamptz not null,
                primary key (channel_id, report_date, part)
            ) partition by range (report_date)', breakdown
        );
    end loop;
end
$$;

-- Demographics are percentages of the viewers of a whole month.
create table raw_youtube.channel_month_demographics (
    channel_id text not null,
    report_month date not null,
    part text not null,
    payload jsonb not null,
    _batch_id uuid not null,
    _loaded_at timestamptz not null,
    primary key (channel_id, report_month, part)
);

-- The retention curve of a video over its whole life, as of the day on which it was asked for.
create table raw_youtube.video_retention (
    channel_id text not null,
    video_id text not null,
    elapsed_ratio numeric(6, 4) not null,
    payload jsonb not null,
    _batch_id uuid not null,
    _loaded_at timestamptz not null,
    primary key (channel_id, video_id, elapsed_ratio)
);

-- ------------------------------------------------------------------ Stripe, infrastructure

do $$
declare
    entity text;
begin
    foreach entity in array array['refunds', 'events']
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

create table raw_costs.infrastructure_costs (
    file_name text not null,
    line_number integer not null,
    cost_date date not null,
    payload jsonb not null,
    _batch_id uuid not null,
    _loaded_at timestamptz not null,
    primary key (file_name, line_number)
);

-- Rows of the platform that are there no longer: the key, and when that was noticed.
create table raw_platform.deletions (
    table_name text not null,
    id text not null,
    noticed_at timestamptz not null,
    payload jsonb not null,
    _batch_id uuid not null,
    _loaded_at timestamptz not null,
    primary key (table_name, id)
);

-- ------------------------------------------------------------------ ops

-- What each expectation on a landed stream found in each run.
create table ops.validation_results (
    run_id uuid not null references ops.runs (run_id),
    source text not null,
    stream text not null,
    expectation text not null,
    is_critical boolean not null,
    passed boolean not null,
    rows_checked bigint,
    rows_unexpected bigint,
    detail text,
    checked_at timestamptz not null,
    primary key (run_id, source, stream, expectation)
);
