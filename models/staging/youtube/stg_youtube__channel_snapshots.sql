-- Grain: a channel's public counters at an instant. YouTube sends the numbers as text; a counter
-- that the owner hides is absent, hence NULL.
-- A single select, unlike its sisters: PostgreSQL looks through it and finds the newest snapshot in
-- the index, where a view with CTEs would have it sort them all.

select
    -- ids
    channel_id as youtube_channel_id,

    -- numerics
    (payload ->> 'viewCount')::bigint as views,
    case
        when (payload ->> 'hiddenSubscriberCount')::boolean then null
        else (payload ->> 'subscriberCount')::bigint
    end as subscribers,
    (payload ->> 'videoCount')::bigint as videos,

    -- booleans
    coalesce((payload ->> 'hiddenSubscriberCount')::boolean, false) as has_hidden_subscribers,

    -- timestamps
    captured_at,
    _loaded_at

from {{ source('youtube', 'channel_snapshots') }}
