-- Grain: a video (YouTube's id) with at least one report: the sums of its days as known at the
-- as-of instant. `viewed_seconds` is the average view duration weighted by the views it stands for;
-- `latest_day_views` are those of the last day that YouTube has reported of the video's channel.

{{ config(materialized='table') }}

with channels as (

    select * from {{ ref('int_channels_reported') }}

),

core as (

    select * from {{ ref('stg_youtube__video_day_core') }}
    where report_date < {{ pacific_date(as_of()) }}

),

core_summed as (

    select
        core.youtube_video_id,
        sum(core.views)::bigint as views,
        sum(core.engaged_views)::bigint as engaged_views,
        coalesce(
            sum(core.views) filter (where core.report_date = channels.last_report_date), 0
        )::bigint as latest_day_views,
        sum(core.minutes_watched)::bigint as minutes_watched,
        sum(core.average_view_duration_seconds * core.views)::numeric(24, 4) as viewed_seconds,
        sum(core.likes)::bigint as likes,
        sum(core.comments)::bigint as comments,
        sum(core.shares)::bigint as shares
    from core
    left join channels
        on core.youtube_channel_id = channels.youtube_channel_id
    group by core.youtube_video_id

),

revenue_summed as (

    select
        youtube_video_id,
        sum(revenue_usd)::numeric(18, 6) as revenue_usd
    from {{ ref('stg_youtube__video_day_revenue') }}
    where report_date < {{ pacific_date(as_of()) }}
    group by youtube_video_id

),

reach_summed as (

    select
        youtube_video_id,
        sum(impressions)::bigint as impressions,
        sum(clicks)::bigint as clicks
    from {{ ref('int_video_days_reached') }}
    where youtube_video_id is not null
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
