-- Grain: a video of the platform, published or not.

with source as (

    select * from {{ source('platform', 'videos') }}

),

renamed as (

    select
        -- ids
        (payload ->> 'video_id')::uuid as video_id,
        (payload ->> 'channel_id')::uuid as channel_id,
        payload ->> 'youtube_video_id' as youtube_video_id,

        -- text
        payload ->> 'title' as title,
        payload ->> 'description' as description,
        payload ->> 'category' as youtube_category_id,
        payload ->> 'content_type' as content_type,
        payload ->> 'generation_method' as generation_method,
        payload ->> 'status' as status,
        nullif(payload -> 'tags', 'null'::jsonb) as tags,

        -- numerics
        (payload ->> 'duration_seconds')::integer as duration_seconds,

        -- timestamps
        (payload ->> 'queued_at')::timestamptz as queued_at,
        (payload ->> 'generation_started_at')::timestamptz as generation_started_at,
        (payload ->> 'generation_completed_at')::timestamptz as generation_completed_at,
        (payload ->> 'uploaded_at')::timestamptz as uploaded_at,
        (payload ->> 'published_at')::timestamptz as published_at,
        (payload ->> 'created_at')::timestamptz as created_at,
        (payload ->> 'updated_at')::timestamptz as updated_at,
        _loaded_at

    from source

)

select * from renamed
