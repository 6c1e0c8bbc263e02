-- Grain: a video and point of its length: how many of those who started it were still watching.
-- Only the videos whose curve was asked for have one. Definitions: models/docs/videos.md.

with videos as (

    select * from {{ ref('dim_videos') }}
    where published_at <= {{ as_of() }}

),

curves as (

    select * from {{ ref('stg_youtube__video_retention') }}

),

joined as (

    select
        videos.user_id,
        videos.video_id,
        curves.elapsed_ratio,
        videos.channel_id,
        videos.youtube_video_id,
        (curves.elapsed_ratio * videos.duration_seconds)::numeric(12, 4) as elapsed_seconds,
        curves.audience_watch_ratio,
        curves.relative_retention_ratio,
        (
            lag(curves.audience_watch_ratio) over along - curves.audience_watch_ratio
        )::numeric(12, 8) as abandonment_ratio,
        curves._loaded_at as loaded_at
    from curves
    inner join videos
        on curves.youtube_video_id = videos.youtube_video_id
    window along as (
        partition by videos.user_id, videos.video_id order by curves.elapsed_ratio
    )

)

select * from joined
