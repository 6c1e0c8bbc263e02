-- Grain: a video's public counters at an instant. YouTube sends the numbers as text; a counter
-- that the owner hides is absent, hence NULL.
-- A single select, unlike its sisters: PostgreSQL looks through it and finds the newest snapshot in
-- the index, where a view with CTEs would have it sort them all.

select
    -- ids
    video_id as youtube_video_id,

    -- numerics
    (payload ->> 'viewCount')::bigint as views,
    (payload ->> 'likeCount')::bigint as likes,
    (payload ->> 'commentCount')::bigint as comments,

    -- timestamps
    captured_at,
    _loaded_at

from {{ source('youtube', 'video_snapshots') }}
