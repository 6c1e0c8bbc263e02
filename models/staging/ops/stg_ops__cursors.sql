-- Grain: a part of a stream (a channel, a video), and how far it was read.

with source as (

    select * from {{ source('ops', 'cursors') }}

),

renamed as (

    select
        -- text
        source as source_name,
        stream as stream_name,
        scope,

        -- numerics
        coalesce((value ->> 'misses')::integer, 0) as misses,

        -- timestamps
        (value ->> 'asked_at')::timestamptz as asked_at,
        updated_at

    from source

)

select * from renamed
