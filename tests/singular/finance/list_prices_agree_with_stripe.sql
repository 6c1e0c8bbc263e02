{{ config(severity='warn') }}

-- The seed of list prices says what Stripe asks: the active monthly price of each tier's product.

with tiers as (

    select * from {{ ref('subscription_tiers') }}
    where
        valid_from <= {{ as_of_date() }}
        and (valid_to is null or valid_to > {{ as_of_date() }})

),

prices as (

    select
        products.subscription_tier,
        prices.price_id,
        prices.unit_amount_usd
    from {{ ref('stg_stripe__prices') }} as prices
    inner join {{ ref('stg_stripe__products') }} as products
        on prices.product_id = products.product_id
    where
        prices.is_active
        and prices.currency = 'usd'
        and prices.usage_type = 'licensed'
        and prices.recurring_interval = 'month'
        and prices.recurring_interval_count = 1

)

select
    prices.price_id,
    prices.subscription_tier,
    prices.unit_amount_usd,
    tiers.monthly_price_usd
from prices
left join tiers
    on prices.subscription_tier = tiers.subscription_tier
where prices.unit_amount_usd is distinct from tiers.monthly_price_usd
