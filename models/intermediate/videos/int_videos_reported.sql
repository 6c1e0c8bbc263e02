-- Grain: a video (YouTube's id) with at least one report: the sums of its days as known at the
-- as-of instant. `viewed_seconds` is the average view duration weighted by the views it stands for;
-- `latest_day_views` are those of the last day that YouTube has reported of the video's channel.

{{ config(materialized='table') }}

with channels as (

    select * from {{ ref('int_channels_reported') }}

),

core_summed as (

    select
        days.youtube_video_id,
        sum(days.views)::bigint as views,
        sum(days.engaged_views)::bigint as engaged_views,
        coalesce(
            sum(days.views) filter (where days.report_date = channels.last_report_date), 0
        )::bigint as latest_day_views,
        sum(days.minutes_watched)::bigint as minutes_watched,
        sum(days.average_view_duration_seconds * days.views)::numeric(24, 4) as viewed_seconds,
        sum(days.likes)::bigint as likes,
        sum(days.comments)::bigint as comments,
        sum(days.shares)::bigint as shares
    from {{ ref('stg_youtube__video_day_core') }} as days
    left join channels
        on days.youtube_channel_id = channels.youtube_channel_id
    where days.report_date < {{ pacific_date(as_of()) }}
    group by days.youtube_video_id

),

revenue_summed as (

    select
        youtube_video_id,
        sum(revenue_usd)::numeric(18, 6) as revenue_usd
    from {{ ref('stg_youtube__video_day_revenue') }}
    where report_date < {{ pacific_date(as_of()) }}
    group by youtube_video_id

),

-- A day whose rate is not known counts neither its impressions nor its clicks.
reach_summed as (

    select
        youtube_video_id,
        sum(impressions)::bigint as impressions,
        sum(clicks)::bigint as clicks
    from {{ ref('stg_youtube__reporting_reach') }}
    where
        report_date < {{ pacific_date(as_of()) }}
        and youtube_video_id is not null
        and clicks is not null
    group by youtube_video_id

),

joined as (

    select
        coalesce(
            core_summed.youtube_video_id,
            revenue_summed.youtube_video_id,
            reach_summed.youtube_video_id
        ) as youtube_video_id,
        core_summed.views,
        core_summed.engaged_views,
        coalesce(core_summed.latest_day_views, 0) as latest_day_views,
        core_summed.minutes_watched,
        core_summed.viewed_seconds,
        core_summed.likes,
        core_summed.comments,
        core_summed.shares,
        reach_summed.impressions,
        reach_summed.clicks,
        revenue_summed.revenue_usd
    from core_summed
    full join revenue_summed
        on core_summed.youtube_video_id = revenue_summed.youtube_video_id
    full join reach_summed
        on
            coalesce(core_summed.youtube_video_id, revenue_summed.youtube_video_id)
            = reach_summed.youtube_video_id

)

select * from joined
