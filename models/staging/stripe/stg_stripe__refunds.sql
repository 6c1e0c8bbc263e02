-- Grain: a refund.

with source as (

    select * from {{ source('stripe', 'refunds') }}

),

renamed as (

    select
        -- ids
        id as refund_id,
        {{ stripe_id("(payload -> 'charge')") }} as charge_id,
        {{ stripe_id("(payload -> 'payment_intent')") }} as payment_intent_id,
        -- A refund names its charge alone; the charge, where it is expanded, says whose it was.
        {{ stripe_id("(payload #> '{charge,customer}')") }} as customer_id,

        -- text
        payload ->> 'status' as status,
        payload ->> 'reason' as reason,
        payload ->> 'currency' as currency,

        -- numerics
        {{ usd_from_cents("payload ->> 'amount'") }} as refunded_usd,
        {{ usd_from_cents("payload #>> '{charge,amount}'") }} as charged_usd,

        -- timestamps
        created_at,
        _loaded_at

    from source

)

select * from renamed
