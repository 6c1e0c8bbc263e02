-- Grain: a video on YouTube. Text is kept byte for byte; a duration is ISO 8601 (PT1H2M3S, P1DT2H),
-- which PostgreSQL reads as an interval.

with source as (

    select * from {{ source('youtube', 'videos') }}

),

renamed as (

    select
        -- ids
        video_id as youtube_video_id,
        channel_id as youtube_channel_id,
        payload #>> '{snippet,categoryId}' as youtube_category_id,

        -- text
        payload #>> '{snippet,title}' as title,
        payload #>> '{snippet,description}' as description,
        nullif(payload #> '{snippet,tags}', 'null'::jsonb) as tags,
        payload #>> '{contentDetails,definition}' as definition,
        payload #>> '{status,privacyStatus}' as privacy_status,
        payload #>> '{status,uploadStatus}' as upload_status,
        payload #>> '{status,license}' as license,

        -- numerics
        extract(
            epoch from (payload #>> '{contentDetails,duration}')::interval
        )::integer as duration_seconds,

        -- booleans
        (payload #>> '{contentDetails,caption}')::boolean as has_captions,
        (payload #>> '{status,madeForKids}')::boolean as is_made_for_kids,

        -- timestamps
        (payload #>> '{snippet,publishedAt}')::timestamptz as published_at,
        _loaded_at

    from source

)

select * from renamed
