-- Grain: a video in the uploads playlist of a channel.

with source as (

    select * from {{ source('youtube', 'playlist_items') }}

),

renamed as (

    select
        -- ids
        channel_id as youtube_channel_id,
        video_id as youtube_video_id,
        payload ->> 'id' as playlist_item_id,
        payload #>> '{snippet,playlistId}' as playlist_id,

        -- text
        payload #>> '{snippet,title}' as title,

        -- numerics
        (payload #>> '{snippet,position}')::integer as playlist_position,

        -- timestamps
        (payload #>> '{snippet,publishedAt}')::timestamptz as added_at,
        (payload #>> '{contentDetails,videoPublishedAt}')::timestamptz as video_published_at,
        _loaded_at

    from source

)

select * from renamed
