{{ config(severity='warn') }}

-- The seed of list prices says what Stripe asks: the active monthly price of each tier's product.

with tiers as (

    select * from {{ ref('subscription_tiers') }}
    where
        valid_from <= {{ as_of_date() }}
        and (valid_to is null or valid_to > {{ as_of_date() }})

),

stripe_prices as materialized (

    select * from {{ ref('stg_stripe__prices') }}

),

products as materialized (

    select * from {{ ref('stg_stripe__products') }}

),

prices as (

    select
        products.subscription_tier,
        stripe_prices.price_id,
        stripe_prices.unit_amount_usd
    from stripe_prices
    inner join products
        on stripe_prices.product_id = products.product_id
    where
        stripe_prices.is_active
        and stripe_prices.currency = 'usd'
        and stripe_prices.usage_type = 'licensed'
        and stripe_prices.recurring_interval = 'month'
        and stripe_prices.recurring_interval_count = 1

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
