-- Grain: a channel (YouTube's id) and Pacific day: the sum of its videos' reports. It tells how
-- long full views would have taken, which only the videos' durations can, and what the channel's
-- own report is reconciled with. Videos of unknown duration are left out of the last two columns.

{{ config(materialized='table') }}

with channels as (

    select * from {{ ref('dim_channels') }}

),

video_days as (

    select * from {{ ref('fct_video_days') }}

),

durations as (

    select
        youtube_video_id,
        duration_seconds
    from {{ ref('stg_youtube__videos') }}
    where duration_seconds > 0

),

-- A channel that is not monetised has no revenue reports. A day of impressions alone is none.
reported as (

    select
        channels.youtube_channel_id,
        video_days.date_day as report_date,
        video_days.youtube_video_id,
        video_days.views,
        video_days.minutes_watched,
        case when channels.is_monetised then video_days.revenue_usd end as revenue_usd
    from video_days
    inner join channels
        on video_days.user_id = channels.user_id and video_days.channel_id = channels.channel_id

),

summed as (

    select
        reported.youtube_channel_id,
        reported.report_date,
        sum(reported.views)::bigint as views,
        sum(reported.minutes_watched)::bigint as minutes_watched,
        sum(reported.revenue_usd)::numeric(18, 6) as revenue_usd,
        coalesce(
            sum(reported.minutes_watched) filter (where durations.duration_seconds is not null), 0
        )::bigint as timed_minutes_watched,
        coalesce(
            sum(reported.views * durations.duration_seconds) / 60.0, 0
        )::numeric(18, 6) as full_view_minutes
    from reported
    left join durations
        on reported.youtube_video_id = durations.youtube_video_id
    where reported.views is not null or reported.revenue_usd is not null
    group by reported.youtube_channel_id, reported.report_date

)

select * from summed
