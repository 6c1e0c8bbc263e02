-- Grain: the core metrics of a video on a Pacific day, as last restated.
-- Percentages become fractions of 1.

with source as (

    select * from {{ source('youtube', 'video_day_core') }}

),

renamed as (

    select
        -- ids
        channel_id as youtube_channel_id,
        video_id as youtube_video_id,

        -- dates
        report_date,

        -- numerics
        (payload ->> 'views')::bigint as views,
        (payload ->> 'engagedViews')::bigint as engaged_views,
        (payload ->> 'estimatedMinutesWatched')::bigint as minutes_watched,
        (payload ->> 'averageViewDuration')::numeric(18, 4) as average_view_duration_seconds,
        ((payload ->> 'averageViewPercentage')::numeric / 100)::numeric(12, 8)
            as average_view_percentage,
        (payload ->> 'likes')::bigint as likes,
        (payload ->> 'dislikes')::bigint as dislikes,
        (payload ->> 'comments')::bigint as comments,
        (payload ->> 'shares')::bigint as shares,
        (payload ->> 'subscribersGained')::bigint as subscribers_gained,
        (payload ->> 'subscribersLost')::bigint as subscribers_lost,

        -- timestamps
        _loaded_at

    from source

)

select * from renamed
