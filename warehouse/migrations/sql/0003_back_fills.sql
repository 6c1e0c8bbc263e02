-- Back-fills that take days, and a quick way to what was landed lately.

-- One row a back-fill that was asked for: its days (`until` is fixed when none was given), and how
-- many channel-days of it are done. What is done by channel stands in `ops.cursors`, committed
-- with the rows.
create table ops.back_fills (
    source text not null,
    since date not null,
    until date not null,
    is_open_ended boolean not null,
    days_total bigint not null default 0,
    days_done bigint not null default 0,
    asked_at timestamptz not null,
    updated_at timestamptz not null,
    finished_at timestamptz,
    primary key (source, since, until, asked_at)
);
-- The same days are filled back once at a time.
create unique index back_fills_unfinished
on ops.back_fills (source, since, until) where finished_at is null;

-- Validation reads what was landed since it last looked. These tables grow without end, and in the
-- order of landing: a block range index is a few pages and spares reading all of them.
create index video_snapshots_loaded_at on raw_youtube.video_snapshots using brin (_loaded_at);
create index channel_snapshots_loaded_at on raw_youtube.channel_snapshots using brin (_loaded_at);
create index video_day_core_loaded_at on raw_youtube.video_day_core using brin (_loaded_at);
create index video_day_revenue_loaded_at on raw_youtube.video_day_revenue using brin (_loaded_at);
