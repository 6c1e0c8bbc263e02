-- Grain: a video (YouTube's id) with at least one report: the sums of its days as known at the
-- as-of instant. `viewed_seconds` is the average view duration weighted by the views it stands for;
-- `latest_day_views` are those of the last day that YouTube has reported of the video's channel.

{{ config(materialized='table') }}

with channels as (

    select * from {{ ref('dim_channels') }}

),

days as (

    select * from {{ ref('fct_video_days') }}

),

summed as (

    select
        days.youtube_video_id,
        sum(days.views)::bigint as views,
        sum(days.engaged_views)::bigint as engaged_views,
        coalesce(
            sum(days.views) filter (where days.date_day = channels.last_report_date), 0
        )::bigint as latest_day_views,
        sum(days.minutes_watched)::bigint as minutes_watched,
        sum(days.average_view_duration_seconds * days.views)::numeric(24, 4) as viewed_seconds,
        sum(days.likes)::bigint as likes,
        sum(days.comments)::bigint as comments,
        sum(days.shares)::bigint as shares,
        sum(days.impressions)::bigint as impressions,
        sum(days.clicks)::bigint as clicks,
        sum(days.revenue_usd)::numeric(18, 6) as revenue_usd,
        sum(days.views) filter (where days.revenue_usd is not null)::bigint as views_with_revenue
    from days
    inner join channels
        on days.user_id = channels.user_id and days.channel_id = channels.channel_id
    group by days.youtube_video_id

)

select * from summed
