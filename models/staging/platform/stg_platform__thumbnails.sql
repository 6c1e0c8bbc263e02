-- Grain: a thumbnail variant of a video, with its counters so far.

with source as (

    select * from {{ source('platform', 'thumbnails') }}

),

renamed as (

    select
        -- ids
        (payload ->> 'thumbnail_id')::uuid as thumbnail_id,
        (payload ->> 'video_id')::uuid as video_id,

        -- text
        payload ->> 'variant' as variant,

        -- numerics
        (payload ->> 'impressions')::bigint as impressions,
        (payload ->> 'clicks')::bigint as clicks,

        -- booleans
        (payload ->> 'is_active')::boolean as is_active,

        -- timestamps
        (payload ->> 'created_at')::timestamptz as created_at,
        (payload ->> 'updated_at')::timestamptz as updated_at,
        _loaded_at

    from source

)

select * from renamed
