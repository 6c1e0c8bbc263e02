-- Grain: a video and Pacific day that YouTube has reported by the as-of instant: every report of a
-- connected channel's videos, also of those that are gone from YouTube and in no dim_videos. Core,
-- revenue and impressions come from three reports; what a day has none of is NULL.
-- Definitions: models/docs/videos.md.

with channels as (

    select * from {{ ref('dim_channels') }}

),

videos as (

    select * from {{ ref('dim_videos') }}
    where youtube_video_id is not null

),

core as (

    select * from {{ ref('stg_youtube__video_day_core') }}
    where report_date < {{ pacific_date(as_of()) }}

),

revenue as (

    select * from {{ ref('stg_youtube__video_day_revenue') }}
    where report_date < {{ pacific_date(as_of()) }}

),

reach as (

    select * from {{ ref('int_video_days_reached') }}
    where youtube_video_id is not null

),

told as (

    select
        core.*,
        revenue.revenue_usd,
        revenue.ad_revenue_usd,
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
            as click_through_rate
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
