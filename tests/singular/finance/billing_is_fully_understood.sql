{{ config(severity='warn') }}

-- What recurring revenue leaves out, or cannot be right about: lines of customers who are no user,
-- of other currencies, of prices that are not known; users whose base MRR is below 0 (with the user
-- and the month in place of the invoice and the line); refunds that do not say whose they are,
-- which the worth of a customer then leaves out (with the refund in place of the invoice).

with lines as materialized (

    select * from {{ ref('stg_stripe__invoice_lines') }}
    where invoice_status in ('paid', 'open', 'uncollectible') and price_id is not null

),

customers as materialized (

    select * from {{ ref('int_customers_matched_to_users') }}

),

prices as materialized (

    select * from {{ ref('stg_stripe__prices') }}

)

select
    case
        when customers.user_id is null then 'the customer is no user of the platform'
        when lines.currency <> 'usd' then 'the currency is not USD'
        when prices.price_id is null and lines.usage_type is null then 'the price is not known'
        else 'the price has no amount a unit, so a change of it cannot be valued'
    end as reason,
    lines.invoice_id,
    lines.line_id
from lines
left join customers
    on lines.customer_id = customers.customer_id
left join prices
    on lines.price_id = prices.price_id
where
    customers.user_id is null
    or lines.currency <> 'usd'
    or (prices.price_id is null and lines.usage_type is null)
    or (lines.is_proration and coalesce(lines.unit_amount_usd, prices.unit_amount_usd) is null)

union all

select
    'the base MRR of the user is below 0' as reason,
    user_id::text as invoice_id,
    month_start::text as line_id
from {{ ref('fct_mrr_movements') }}
where base_mrr < 0

union all

select
    'the refund does not name its customer' as reason,
    refund_id as invoice_id,
    charge_id as line_id
from {{ ref('stg_stripe__refunds') }}
where status = 'succeeded' and customer_id is null
