-- Grain: a price.

with source as (

    select * from {{ source('stripe', 'prices') }}

),

renamed as (

    select
        -- ids
        id as price_id,
        {{ stripe_id("(payload -> 'product')") }} as product_id,

        -- text
        payload ->> 'nickname' as nickname,
        payload ->> 'currency' as currency,
        payload ->> 'type' as price_type,
        payload #>> '{recurring,interval}' as recurring_interval,
        payload #>> '{recurring,usage_type}' as usage_type,

        -- numerics
        (payload #>> '{recurring,interval_count}')::integer as recurring_interval_count,
        {{ usd_from_cents(
            "coalesce(payload ->> 'unit_amount_decimal', payload ->> 'unit_amount')", scale=8
        ) }} as unit_amount_usd,

        -- booleans
        coalesce((payload ->> 'active')::boolean, false) as is_active,

        -- timestamps
        created_at,
        _loaded_at

    from source

)

select * from renamed
