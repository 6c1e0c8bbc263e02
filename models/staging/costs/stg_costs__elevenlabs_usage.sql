-- Grain: a UTC day and product.

with source as (

    select * from {{ source('costs', 'elevenlabs_usage') }}

),

renamed as (

    select
        -- text
        product,

        -- numerics
        (payload ->> 'credits_used')::numeric as credits_used,
        (payload ->> 'usage_usd')::numeric as cost_usd,

        -- dates and timestamps
        usage_date as cost_date,
        _loaded_at

    from source

)

select * from renamed
