-- Grain: a row of the platform that went, and may have come back.

with source as (

    select * from {{ source('platform', 'deletions') }}

),

renamed as (

    select
        -- ids
        table_name,
        id as row_id,

        -- booleans
        (payload ->> 'is_deleted')::boolean as is_deleted,

        -- timestamps
        noticed_at,
        _loaded_at

    from source

)

select * from renamed
