-- Grain: a video and Pacific day that YouTube has reported by the as-of instant: every report of a
-- connected channel's videos, also of those that are gone from YouTube and in no dim_videos. Core,
-- revenue and impressions come from three reports; what a day has none of is NULL.
-- Definitions: models/docs/videos.md. Incremental by channel and day: the hook deletes what is told
-- otherwise now, and what is not there is built, so that a full refresh gives the same rows.

{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['user_id', 'video_id', 'date_day'],
        on_schema_change='append_new_columns',
        pre_hook='{{ delete_stale_video_days() }}'
    )
}}

with channels as (

    select * from {{ ref('dim_channels') }}

),

videos as (

    select * from {{ ref('dim_videos') }}
    where youtube_video_id is not null

),

{{ missing_video_days() }}

core as (

    select * from {{ ref('stg_youtube__video_day_core') }}
    where {{ is_video_day_wanted() }}

),

revenue as (

    select * from {{ ref('stg_youtube__video_day_revenue') }}
    where {{ is_video_day_wanted() }}

),

reach as (

    select * from {{ ref('int_video_days_reached') }}
    where youtube_video_id is not null and {{ is_video_day_wanted() }}

),

told as (

    select
        core.*,
        revenue.revenue_usd,
        revenue.ad_revenue_usd,
        revenue._loaded_at as revenue_loaded_at,
        core.youtube_video_id is not null as has_core,
        revenue.youtube_video_id is not null as has_revenue,
        coalesce(core.youtube_channel_id, revenue.youtube_channel_id) as told_channel_id,
        coalesce(core.youtube_video_id, revenue.youtube_video_id) as told_video_id,
        coalesce(core.report_date, revenue.report_date) as told_date
    from core
    full join revenue
        on
            core.youtube_channel_id = revenue.youtube_channel_id
            and core.youtube_video_id = revenue.youtube_video_id
            and core.report_date = revenue.report_date

),

reported as (

    select
        told.*,
        reach.impressions,
        reach.clicks,
        reach.loaded_at as reach_loaded_at,
        reach.youtube_video_id is not null as has_reach,
        coalesce(told.told_channel_id, reach.youtube_channel_id) as reported_channel_id,
        coalesce(told.told_video_id, reach.youtube_video_id) as reported_video_id,
        coalesce(told.told_date, reach.report_date) as date_day
    from told
    full join reach
        on
            told.told_channel_id = reach.youtube_channel_id
            and told.told_video_id = reach.youtube_video_id
            and told.told_date = reach.report_date

),

joined as (

    select
        channels.user_id,
        coalesce(
            videos.video_id, md5('youtube:' || reported.reported_video_id)::uuid
        ) as video_id,
        reported.date_day,
        channels.channel_id,
        reported.reported_video_id as youtube_video_id,
        reported.views,
        reported.engaged_views,
        reported.minutes_watched,
        (reported.minutes_watched / 60.0)::numeric(18, 6) as watch_hours,
        reported.average_view_duration_seconds,
        reported.likes,
        reported.comments,
        reported.shares,
        {{ ratio('reported.likes + reported.comments + reported.shares', 'reported.views') }}
        ::numeric(18, 8) as engagement_rate,
        reported.subscribers_gained - reported.subscribers_lost as subscribers_net,
        case
            when channels.is_monetised then reported.revenue_usd else 0
        end::numeric(18, 6) as revenue_usd,
        case
            when channels.is_monetised then reported.ad_revenue_usd else 0
        end::numeric(18, 6) as ad_revenue_usd,
        reported.impressions,
        reported.clicks,
        {{ ratio('reported.clicks', 'reported.impressions') }}::numeric(18, 8)
            as click_through_rate,
        greatest(
            reported._loaded_at, reported.revenue_loaded_at, reported.reach_loaded_at
        ) as loaded_at,
        coalesce(reported.has_core, false)::integer
        + 2 * coalesce(reported.has_revenue, false)::integer
        + 4 * reported.has_reach::integer
        + 8 * channels.is_monetised::integer as built_of
    from reported
    inner join channels
        on reported.reported_channel_id = channels.youtube_channel_id
    left join videos
        on
            channels.user_id = videos.user_id
            and channels.channel_id = videos.channel_id
            and reported.reported_video_id = videos.youtube_video_id

)

select * from joined
