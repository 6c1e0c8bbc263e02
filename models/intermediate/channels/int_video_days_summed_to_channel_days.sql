-- Grain: a channel (YouTube's id) and Pacific day: the sum of its videos' reports. It tells how
-- long full views would have taken, which only the videos' durations can, and what the channel's
-- own report is reconciled with. Videos of unknown duration are left out of the last two columns.

{{ config(materialized='table') }}

with video_days as (

    select
        youtube_channel_id,
        report_date,
        youtube_video_id,
        views,
        minutes_watched
    from {{ ref('stg_youtube__video_day_core') }}
    where report_date < {{ pacific_date(as_of()) }}

),

durations as (

    select
        youtube_video_id,
        duration_seconds
    from {{ ref('stg_youtube__videos') }}
    where duration_seconds > 0

),

revenue_summed as (

    select
        youtube_channel_id,
        report_date,
        sum(revenue_usd)::numeric(18, 6) as revenue_usd
    from {{ ref('stg_youtube__video_day_revenue') }}
    where report_date < {{ pacific_date(as_of()) }}
    group by youtube_channel_id, report_date

),

core_summed as (

    select
        video_days.youtube_channel_id,
        video_days.report_date,
        sum(video_days.views)::bigint as views,
        sum(video_days.minutes_watched)::bigint as minutes_watched,
        coalesce(
            sum(video_days.minutes_watched) filter (where durations.duration_seconds is not null), 0
        )::bigint as timed_minutes_watched,
        coalesce(
            sum(video_days.views * durations.duration_seconds) / 60.0, 0
        )::numeric(18, 6) as full_view_minutes
    from video_days
    left join durations
        on video_days.youtube_video_id = durations.youtube_video_id
    group by video_days.youtube_channel_id, video_days.report_date

),

joined as (

    select
        coalesce(
            core_summed.youtube_channel_id, revenue_summed.youtube_channel_id
        ) as youtube_channel_id,
        coalesce(core_summed.report_date, revenue_summed.report_date) as report_date,
        core_summed.views,
        core_summed.minutes_watched,
        revenue_summed.revenue_usd,
        core_summed.timed_minutes_watched,
        core_summed.full_view_minutes
    from core_summed
    full join revenue_summed
        on
            core_summed.youtube_channel_id = revenue_summed.youtube_channel_id
            and core_summed.report_date = revenue_summed.report_date

)

select * from joined
