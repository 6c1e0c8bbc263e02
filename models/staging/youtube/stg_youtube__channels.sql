-- Grain: a channel on YouTube.

with source as (

    select * from {{ source('youtube', 'channels') }}

),

renamed as (

    select
        -- ids
        channel_id as youtube_channel_id,
        payload #>> '{contentDetails,relatedPlaylists,uploads}' as uploads_playlist_id,

        -- text
        payload #>> '{snippet,title}' as channel_title,
        payload #>> '{snippet,description}' as description,
        payload #>> '{snippet,customUrl}' as channel_handle,
        payload #>> '{snippet,country}' as country,
        payload #>> '{status,privacyStatus}' as privacy_status,

        -- booleans
        (payload #>> '{status,madeForKids}')::boolean as is_made_for_kids,

        -- timestamps
        (payload #>> '{snippet,publishedAt}')::timestamptz as published_at,
        _loaded_at

    from source

)

select * from renamed
