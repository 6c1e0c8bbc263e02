-- Grain: a video of a user's channel: all that the platform was asked to make, published or not,
-- and what else is on YouTube. What YouTube says of a video goes before what the platform says.

with channels as (

    select * from {{ ref('stg_platform__channels') }}
    where connected_at <= {{ as_of() }}

),

queued as (

    select * from {{ ref('stg_platform__videos') }}
    where queued_at <= {{ as_of() }}

),

uploads as (

    select * from {{ ref('stg_youtube__videos') }}
    where published_at <= {{ as_of() }} or published_at is null

),

counters as (

    select * from {{ ref('int_videos_counted') }}

),

platform_videos as (

    select
        channels.user_id,
        queued.*
    from queued
    inner join channels
        on queued.channel_id = channels.channel_id

),

-- Deleted and private videos are left out of YouTube's answers without a word, and now and then one
-- that is there: three times in a row is no accident.
gone_videos as (

    select scope as youtube_video_id from {{ ref('stg_ops__cursors') }}
    where
        source_name = 'youtube_data'
        and stream_name = 'video_snapshots'
        and misses >= 3
        and asked_at <= {{ as_of() }}

),

youtube_videos as (

    select
        channels.user_id,
        channels.channel_id,
        uploads.*,
        counters.views,
        counters.likes,
        counters.comments,
        counters.captured_at,
        gone_videos.youtube_video_id is not null as is_gone
    from uploads
    inner join channels
        on uploads.youtube_channel_id = channels.youtube_channel_id
    left join counters
        on uploads.youtube_video_id = counters.youtube_video_id
    left join gone_videos
        on uploads.youtube_video_id = gone_videos.youtube_video_id

),

joined as (

    select
        coalesce(platform_videos.user_id, youtube_videos.user_id) as user_id,
        coalesce(
            platform_videos.video_id,
            md5('youtube:' || youtube_videos.youtube_video_id)::uuid
        ) as video_id,
        coalesce(platform_videos.channel_id, youtube_videos.channel_id) as channel_id,
        coalesce(
            youtube_videos.youtube_video_id, platform_videos.youtube_video_id
        ) as youtube_video_id,
        coalesce(youtube_videos.title, platform_videos.title) as title,
        platform_videos.content_type,
        platform_videos.generation_method,
        coalesce(platform_videos.status, 'published') as status,
        platform_videos.video_id is not null as made_by_platform,
        youtube_videos.youtube_video_id is not null as is_on_youtube,
        coalesce(youtube_videos.is_gone, false) as is_gone,
        youtube_videos.privacy_status,
        coalesce(
            youtube_videos.duration_seconds, platform_videos.duration_seconds
        ) as duration_seconds,
        -- A platform video that is private without having been published waits for its hour.
        case
            when youtube_videos.privacy_status = 'private' and platform_videos.video_id is not null
                then platform_videos.published_at
            else coalesce(youtube_videos.published_at, platform_videos.published_at)
        end as published_at,
        platform_videos.queued_at,
        coalesce(youtube_videos.tags, platform_videos.tags) as tags,
        coalesce(
            youtube_videos.youtube_category_id, platform_videos.youtube_category_id
        ) as youtube_category_id,
        youtube_videos.views,
        youtube_videos.likes,
        youtube_videos.comments,
        youtube_videos.captured_at as counters_captured_at
    from platform_videos
    full join youtube_videos
        on platform_videos.youtube_video_id = youtube_videos.youtube_video_id

),

banded as (

    select
        *,
        {{ utc_date('published_at') }} as published_date,
        case
            when duration_seconds < 60 then 'below_1_minute'
            when duration_seconds < 300 then '1_to_5_minutes'
            when duration_seconds < 600 then '5_to_10_minutes'
            when duration_seconds < 1200 then '10_to_20_minutes'
            when duration_seconds >= 1200 then '20_minutes_or_more'
        end as length_band
    from joined

)

select * from banded
