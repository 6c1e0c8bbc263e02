-- Grain: a product.

with source as (

    select * from {{ source('stripe', 'products') }}

),

renamed as (

    select
        -- ids
        id as product_id,

        -- text
        payload ->> 'name' as product_name,
        payload #>> '{metadata,tier}' as subscription_tier,

        -- booleans
        coalesce((payload ->> 'active')::boolean, false) as is_active,

        -- timestamps
        created_at,
        _loaded_at

    from source

)

select * from renamed
