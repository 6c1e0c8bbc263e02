-- The platform's operational database: the specification's schema made runnable on plain
-- PostgreSQL. The warehouse reads it and never writes it.

create schema if not exists ytempire;

create table if not exists ytempire.users (
    user_id uuid primary key,
    email varchar(255) not null unique,
    full_name varchar(255) not null,
    subscription_tier varchar(50) not null
        check (subscription_tier in ('beta', 'starter', 'growth', 'enterprise')),
    status varchar(20) not null check (status in ('active', 'churned')),
    acquisition_channel varchar(50) not null,
    country char(2) not null,
    time_zone varchar(64) not null,
    stripe_customer_id varchar(64) unique,
    target_revenue numeric(10, 2) not null default 10000.00,
    created_at timestamptz not null,
    updated_at timestamptz not null
);

create table if not exists ytempire.channels (
    channel_id uuid primary key,
    user_id uuid not null references ytempire.users (user_id),
    youtube_channel_id varchar(50) not null unique,
    channel_name varchar(255) not null,
    channel_handle varchar(100) unique,
    niche varchar(100) not null,
    status varchar(20) not null check (status in ('active', 'paused', 'suspended', 'archived')),
    tier varchar(20) not null check (tier in ('test', 'standard', 'premium', 'flagship')),
    oauth_refresh_token text, -- Fernet, with the platform's key
    oauth_token_expires_at timestamptz,
    monthly_revenue_target numeric(10, 2),
    created_at timestamptz not null,
    updated_at timestamptz not null
);

create table if not exists ytempire.videos (
    video_id uuid primary key,
    channel_id uuid not null references ytempire.channels (channel_id),
    youtube_video_id varchar(20) unique,
    title varchar(500) not null,
    description text,
    tags text [],
    category varchar(100),
    content_type varchar(50)
        check (content_type in ('educational', 'entertainment', 'news', 'tutorial', 'review')),
    generation_method varchar(50) not null,
    duration_seconds integer,
    status varchar(30) not null check (
        status in (
            'queued', 'generating', 'processing', 'uploading', 'published', 'failed', 'deleted'
        )
    ),
    queued_at timestamptz not null,
    generation_started_at timestamptz,
    generation_completed_at timestamptz,
    uploaded_at timestamptz,
    published_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null
);

create table if not exists ytempire.video_generation_jobs (
    job_id uuid primary key,
    video_id uuid references ytempire.videos (video_id),
    channel_id uuid not null references ytempire.channels (channel_id),
    priority integer not null default 5 check (priority between 1 and 10),
    topic varchar(500) not null,
    style varchar(100),
    target_duration_seconds integer,
    current_stage varchar(50) not null,
    stages_completed jsonb not null default '[]',
    stage_timings jsonb not null default '{}',
    progress_percentage integer not null check (progress_percentage between 0 and 100),
    status varchar(30) not null check (status in ('pending', 'processing', 'completed', 'failed')),
    error_message text,
    retry_count integer not null default 0,
    quality_score numeric(5, 2),
    cpu_seconds_used numeric(10, 2),
    gpu_seconds_used numeric(10, 2),
    memory_mb_peak integer,
    created_at timestamptz not null,
    started_at timestamptz,
    completed_at timestamptz,
    failed_at timestamptz,
    updated_at timestamptz not null
);

-- The call ledger: one row for each paid call or metered resource, written when it is spent.
-- Failed and retried jobs cost too. It is the authority on what a video costs.
create table if not exists ytempire.cost_ledger (
    entry_id uuid primary key,
    user_id uuid not null references ytempire.users (user_id),
    channel_id uuid not null references ytempire.channels (channel_id),
    video_id uuid references ytempire.videos (video_id),
    job_id uuid references ytempire.video_generation_jobs (job_id),
    component varchar(30) not null check (
        component in (
            'openai', 'elevenlabs', 'stability_ai', 'pexels', 'other_api',
            'cpu_compute', 'gpu_compute', 'storage', 'bandwidth'
        )
    ),
    provider_request_id varchar(100),
    model varchar(100),
    units numeric(18, 4) not null,
    unit varchar(30) not null,
    price_version varchar(30) not null,
    cost_usd numeric(18, 6) not null,
    occurred_at timestamptz not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);

-- The specification's cost sheet in whole cents. Its constraint "at most 300 cents" is left out:
-- it would reject the very videos that cost too much.
create table if not exists ytempire.video_costs (
    cost_id uuid primary key,
    video_id uuid not null references ytempire.videos (video_id),
    openai_cost_cents integer not null default 0,
    elevenlabs_cost_cents integer not null default 0,
    stability_ai_cost_cents integer not null default 0,
    pexels_cost_cents integer not null default 0,
    other_api_cost_cents integer not null default 0,
    cpu_compute_cost_cents integer not null default 0,
    gpu_compute_cost_cents integer not null default 0,
    storage_cost_cents integer not null default 0,
    bandwidth_cost_cents integer not null default 0,
    total_cost_cents integer generated always as (
        openai_cost_cents + elevenlabs_cost_cents + stability_ai_cost_cents + pexels_cost_cents
        + other_api_cost_cents + cpu_compute_cost_cents + gpu_compute_cost_cents
        + storage_cost_cents + bandwidth_cost_cents
    ) stored,
    created_at timestamptz not null,
    updated_at timestamptz not null
);

create table if not exists ytempire.thumbnails (
    thumbnail_id uuid primary key,
    video_id uuid not null references ytempire.videos (video_id),
    variant varchar(20) not null,
    impressions bigint not null default 0,
    clicks bigint not null default 0,
    is_active boolean not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);

create table if not exists ytempire.api_logs (
    log_id bigint primary key,
    occurred_at timestamptz not null,
    endpoint varchar(255) not null,
    method varchar(10) not null,
    status_code integer not null,
    response_time_ms integer not null,
    user_id uuid,
    updated_at timestamptz not null
);

create table if not exists ytempire.error_logs (
    error_id bigint primary key,
    occurred_at timestamptz not null,
    severity varchar(20) not null check (severity in ('warning', 'error', 'critical')),
    service varchar(100) not null,
    message text not null,
    updated_at timestamptz not null
);

create table if not exists ytempire.system_metrics (
    metric_id bigint primary key,
    recorded_at timestamptz not null,
    host varchar(100) not null,
    cpu_usage numeric(5, 2) not null,
    gpu_usage numeric(5, 2),
    memory_usage numeric(5, 2) not null,
    storage_available_gb numeric(10, 2),
    queue_depth integer not null,
    updated_at timestamptz not null
);

create index if not exists users_updated_at on ytempire.users (updated_at);
create index if not exists channels_updated_at on ytempire.channels (updated_at);
create index if not exists videos_updated_at on ytempire.videos (updated_at);
create index if not exists video_generation_jobs_updated_at
on ytempire.video_generation_jobs (updated_at);
create index if not exists cost_ledger_updated_at on ytempire.cost_ledger (updated_at);
create index if not exists video_costs_updated_at on ytempire.video_costs (updated_at);
create index if not exists thumbnails_updated_at on ytempire.thumbnails (updated_at);
create index if not exists api_logs_updated_at on ytempire.api_logs (updated_at);
create index if not exists error_logs_updated_at on ytempire.error_logs (updated_at);
create index if not exists system_metrics_updated_at on ytempire.system_metrics (updated_at);
