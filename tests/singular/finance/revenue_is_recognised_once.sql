-- Reconciliation with staging, to the cent: each line of an invoice that counts is spread over its
-- months without rest; the months of the platform's margin hold all of it that is earned, and all
-- refunds.

with lines as (

    select
        invoice_id,
        line_id,
        amount_usd - discount_usd as net_usd
    from {{ ref('stg_stripe__invoice_lines') }}
    where invoice_status in ('paid', 'open') and invoiced_at < {{ as_of() }}

),

spread as (

    select * from {{ ref('int_invoice_lines_recognised_by_month') }}

),

summed as (

    select
        invoice_id,
        line_id,
        sum(recognised_usd + deferred_usd) as net_usd
    from spread
    group by invoice_id, line_id

),

margins as (

    select
        coalesce(sum(recognised_revenue_usd), 0) as recognised_usd,
        coalesce(sum(refunded_usd), 0) as refunded_usd
    from {{ ref('gross_margin_monthly') }}

),

refunds as (

    select coalesce(sum(refunded_usd), 0) as refunded_usd
    from {{ ref('stg_stripe__refunds') }}
    where status = 'succeeded' and currency = 'usd' and created_at < {{ as_of() }}

)

select
    coalesce(lines.invoice_id, summed.invoice_id) as what_differs,
    coalesce(lines.line_id, summed.line_id) as line_id
from lines
full join summed
    on lines.invoice_id = summed.invoice_id and lines.line_id = summed.line_id
where lines.net_usd is distinct from summed.net_usd

union all

select
    'recognised revenue of all months' as what_differs,
    null as line_id
from margins
where
    margins.recognised_usd is distinct from (
        select coalesce(sum(spread.recognised_usd), 0) from spread
        where spread.currency = 'usd'
    )

union all

select
    'refunds of all months' as what_differs,
    null as line_id
from margins
cross join refunds
where margins.refunded_usd is distinct from refunds.refunded_usd
