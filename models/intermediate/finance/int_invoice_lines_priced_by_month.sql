{{ config(materialized='table') }}

-- Grain: a line of an invoice that counts (paid, open or uncollectible) for a recurring price, in
-- US dollars, of a customer who is a user: what it is worth a month, and until when it is in force.
-- Definition: the docs block mrr.

-- Staging reads these columns out of JSON: materialised, they are read once and not at every
-- comparison of a join.
with lines as materialized (

    select * from {{ ref('stg_stripe__invoice_lines') }}
    where
        invoice_status in ('paid', 'open', 'uncollectible')
        and currency = 'usd'

),

prices as materialized (

    select * from {{ ref('stg_stripe__prices') }}

),

subscriptions as materialized (

    select * from {{ ref('stg_stripe__subscriptions') }}

),

customers as materialized (

    select * from {{ ref('int_customers_matched_to_users') }}
    where user_id is not null

),

joined as (

    select
        customers.user_id,
        lines.invoice_id,
        lines.line_id,
        lines.subscription_id,
        lines.is_proration,
        coalesce(lines.quantity, 1) as quantity,
        lines.amount_usd,
        lines.discount_usd,
        lines.period_starts_at,
        lines.period_ends_at,
        coalesce(prices.usage_type, lines.usage_type) as usage_type,
        coalesce(lines.unit_amount_usd, prices.unit_amount_usd) as unit_amount_usd,
        coalesce(prices.recurring_interval, lines.recurring_interval) as recurring_interval,
        coalesce(
            prices.recurring_interval_count, lines.recurring_interval_count, 1
        ) as recurring_interval_count,
        -- A subscription that ended takes its lines with it. (An absent end is none.)
        least(lines.period_ends_at, subscriptions.ended_at) as in_force_until
    from lines
    inner join customers
        on lines.customer_id = customers.customer_id
    left join prices
        on lines.price_id = prices.price_id
    left join subscriptions
        on lines.subscription_id = subscriptions.subscription_id

),

normalised as (

    select
        *,
        -- Intervals in a month.
        case recurring_interval
            when 'month' then 1.0
            when 'year' then 1.0 / 12
            when 'week' then 52.0 / 12
            when 'day' then 365.0 / 12
        end / recurring_interval_count as periods_per_month
    from joined
    where usage_type in ('licensed', 'metered') and recurring_interval is not null

),

priced as (

    select
        user_id,
        invoice_id,
        line_id,
        subscription_id,
        usage_type,
        is_proration,
        period_starts_at,
        period_ends_at,
        in_force_until,
        case
            when usage_type = 'metered' then amount_usd - discount_usd
            -- What a change gives back (-) or adds (+) is a whole price, less its discount.
            when is_proration
                then
                    sign(amount_usd) * unit_amount_usd * quantity
                    * (1 - coalesce({{ ratio('discount_usd', 'amount_usd') }}, 0))
                    * periods_per_month
            else (amount_usd - discount_usd) * periods_per_month
        end::numeric(18, 2) as mrr_usd
    from normalised

)

select * from priced
