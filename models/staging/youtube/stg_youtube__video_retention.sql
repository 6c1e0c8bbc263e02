-- Grain: a point of the retention curve of a video, over its life up to when it was last read.

with source as (

    select * from {{ source('youtube', 'video_retention') }}

),

renamed as (

    select
        -- ids
        channel_id as youtube_channel_id,
        video_id as youtube_video_id,

        -- numerics
        elapsed_ratio,
        (payload ->> 'audienceWatchRatio')::numeric(12, 8) as audience_watch_ratio,
        (payload ->> 'relativeRetentionPerformance')::numeric(12, 8)
            as relative_retention_ratio,

        -- timestamps
        _loaded_at

    from source

)

select * from renamed
