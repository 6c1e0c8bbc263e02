-- Grain: a channel (YouTube's id): its newest public counters by the as-of instant. One descent of
-- the index a channel, whatever the number of snapshots stored.

with channels as (

    select youtube_channel_id from {{ ref('stg_youtube__channels') }}

),

snapshots as (

    select * from {{ ref('stg_youtube__channel_snapshots') }}

),

latest as (

    select
        channels.youtube_channel_id,
        newest.views,
        newest.subscribers,
        newest.videos,
        newest.has_hidden_subscribers,
        newest.captured_at
    from channels
    cross join lateral (
        select snapshots.*
        from snapshots
        where
            snapshots.youtube_channel_id = channels.youtube_channel_id
            and snapshots.captured_at <= {{ as_of() }}
        order by snapshots.captured_at desc
        limit 1
    ) as newest

)

select * from latest
