-- Grain: a subscription as it stands at present. What it cost in the past only its invoices tell.

with source as (

    select
        *,
        payload #> '{items,data,0}' as first_item,
        -- A list of discounts since 2024, a single one before.
        coalesce(payload #> '{discounts,0}', payload -> 'discount') as first_discount
    from {{ source('stripe', 'subscriptions') }}

),

discounted as (

    select
        *,
        -- A discount's coupon moved under its source.
        coalesce(first_discount #> '{source,coupon}', first_discount -> 'coupon') as coupon
    from source

),

renamed as (

    select
        -- ids
        id as subscription_id,
        {{ stripe_id("(payload -> 'customer')") }} as customer_id,
        {{ stripe_id("(first_item -> 'price')") }} as first_price_id,
        {{ stripe_id("coupon") }} as coupon_id,

        -- text
        payload ->> 'status' as status,

        -- numerics
        coalesce(jsonb_array_length(payload #> '{items,data}'), 0) as items,
        ((coupon ->> 'percent_off')::numeric / 100)::numeric(9, 6) as coupon_off_rate,
        {{ usd_from_cents("coupon ->> 'amount_off'") }} as coupon_off_usd,

        -- booleans
        coalesce((payload ->> 'cancel_at_period_end')::boolean, false) as is_ending_with_period,

        -- timestamps
        created_at,
        {{ from_unix("payload ->> 'start_date'") }} as started_at,
        {{ from_unix("payload ->> 'trial_end'") }} as trial_ends_at,
        -- The period stands on the items; before 2025 on the subscription.
        {{ from_unix(
            "coalesce(first_item ->> 'current_period_start', payload ->> 'current_period_start')"
        ) }} as current_period_starts_at,
        {{ from_unix(
            "coalesce(first_item ->> 'current_period_end', payload ->> 'current_period_end')"
        ) }} as current_period_ends_at,
        {{ from_unix("payload ->> 'canceled_at'") }} as canceled_at,
        {{ from_unix("payload ->> 'ended_at'") }} as ended_at,
        _loaded_at

    from discounted

)

select * from renamed
