-- Grain: a video (YouTube's id): its newest public counters by the as-of instant. One descent of
-- the index a video, whatever the number of snapshots stored.

with videos as (

    select youtube_video_id from {{ ref('stg_youtube__videos') }}

),

snapshots as (

    select * from {{ ref('stg_youtube__video_snapshots') }}

),

latest as (

    select
        videos.youtube_video_id,
        newest.views,
        newest.likes,
        newest.comments,
        newest.captured_at
    from videos
    cross join lateral (
        select snapshots.*
        from snapshots
        where
            snapshots.youtube_video_id = videos.youtube_video_id
            and snapshots.captured_at <= {{ as_of() }}
        order by snapshots.captured_at desc
        limit 1
    ) as newest

)

select * from latest
