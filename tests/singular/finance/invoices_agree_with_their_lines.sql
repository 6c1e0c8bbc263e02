{{ config(severity='warn') }}

-- Months in which the totals of Stripe's invoices are not what their lines add up to: lines that
-- were not landed, or landed twice.

select
    month_start,
    currency,
    invoiced_amount,
    ledger_amount,
    revenue_difference_amount,
    revenue_difference_rate
from {{ ref('revenue_reconciliation') }}
where is_reconciled is not true
