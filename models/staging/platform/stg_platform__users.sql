-- Grain: a user of the platform (a tenant).

with source as (

    select * from {{ source('platform', 'users') }}

),

renamed as (

    select
        -- ids
        (payload ->> 'user_id')::uuid as user_id,
        payload ->> 'stripe_customer_id' as stripe_customer_id,

        -- text
        payload ->> 'email' as email,
        payload ->> 'full_name' as full_name,
        payload ->> 'subscription_tier' as subscription_tier,
        payload ->> 'status' as status,
        payload ->> 'acquisition_channel' as acquisition_channel,
        payload ->> 'country' as country,
        payload ->> 'time_zone' as time_zone,

        -- numerics
        (payload ->> 'target_revenue')::numeric(10, 2) as target_revenue_usd,

        -- timestamps
        (payload ->> 'created_at')::timestamptz as signup_at,
        (payload ->> 'updated_at')::timestamptz as updated_at,
        _loaded_at

    from source

)

select * from renamed
