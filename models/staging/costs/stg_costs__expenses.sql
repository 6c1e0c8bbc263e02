-- Grain: a line of an expense file.

with source as (

    select * from {{ source('costs', 'expenses') }}

),

renamed as (

    select
        -- ids
        file_name,
        line_number,

        -- text
        lower(btrim(payload ->> 'department')) as department,
        lower(btrim(payload ->> 'category')) as category,
        payload ->> 'vendor' as vendor,
        payload ->> 'description' as description,

        -- numerics
        (payload ->> 'amount_usd')::numeric as amount_usd,

        -- dates and timestamps
        expense_date,
        _loaded_at

    from source

)

select * from renamed
