-- Grain: a day, stream and channel that should have a figure, and whether it has. Days of reports
-- are Pacific, days of snapshots UTC. What is expected: the docs block completeness_rate.

{{ config(materialized='table') }}

with thresholds as (

    select
        max(threshold) filter (where threshold_name = 'report_lag_days')::integer as lag_days,
        max(threshold) filter (where threshold_name = 'snapshot_days')::integer as snapshot_days
    from {{ ref('quality_thresholds') }}

),

channels as (

    select
        youtube_channel_id,
        is_monetised,
        coalesce(first_report_date, {{ pacific_date('connected_at') }}) as first_date,
        {{ utc_date('connected_at') }} as connected_date
    from {{ ref('dim_channels') }}
    where is_active

),

report_days as (

    select
        channels.youtube_channel_id,
        channels.is_monetised,
        day_at::date as date_day
    from channels
    cross join thresholds
    cross join
        lateral generate_series(
            channels.first_date::timestamp,
            ({{ pacific_date(as_of()) }} - thresholds.lag_days)::timestamp,
            interval '1 day'
        ) as day_at

),

reports as (

    select * from {{ ref('int_channel_days_reported') }}

),

video_reports as (

    select * from {{ ref('int_video_days_summed_to_channel_days') }}

),

snapshots as (

    select distinct
        youtube_channel_id,
        {{ utc_date('captured_at') }} as date_day
    from {{ ref('stg_youtube__channel_snapshots') }}
    where
        captured_at <= {{ as_of() }}
        and captured_at >= {{ as_of() }} - (
            select thresholds.snapshot_days * interval '1 day' from thresholds
        )

),

snapshot_days as (

    select
        channels.youtube_channel_id,
        day_at::date as date_day
    from channels
    cross join
        lateral generate_series(
            greatest(channels.connected_date, (select min(date_day) from snapshots))::timestamp,
            {{ as_of_date() }}::timestamp,
            interval '1 day'
        ) as day_at
    where exists (select 1 from snapshots)

),

expected as (

    select
        report_days.date_day,
        report_days.youtube_channel_id,
        'youtube_analytics' as source_name,
        streams.stream_name,
        case streams.stream_name
            when 'channel_day_core' then coalesce(reports.has_core_report, false)
            when 'channel_day_revenue' then coalesce(reports.has_revenue_report, false)
            else video_reports.views is not null
        end as is_present
    from report_days
    cross join (
        values ('channel_day_core'), ('channel_day_revenue'), ('video_day_core')
    ) as streams (stream_name)
    left join reports
        on
            report_days.youtube_channel_id = reports.youtube_channel_id
            and report_days.date_day = reports.report_date
    left join video_reports
        on
            report_days.youtube_channel_id = video_reports.youtube_channel_id
            and report_days.date_day = video_reports.report_date
    where streams.stream_name <> 'channel_day_revenue' or report_days.is_monetised

    union all

    select
        snapshot_days.date_day,
        snapshot_days.youtube_channel_id,
        'youtube_data' as source_name,
        'channel_snapshots' as stream_name,
        snapshots.youtube_channel_id is not null as is_present
    from snapshot_days
    left join snapshots
        on
            snapshot_days.youtube_channel_id = snapshots.youtube_channel_id
            and snapshot_days.date_day = snapshots.date_day

)

select * from expected
