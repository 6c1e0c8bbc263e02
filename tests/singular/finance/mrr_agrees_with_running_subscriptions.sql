{{ config(severity='warn') }}

-- Reconciliation with staging: who has MRR lines in force at the as-of instant is who holds
-- a running subscription, which is read from another object of Stripe's than the invoices.
-- A warning, as the invoice of a renewal is a draft for an hour before it counts.

with subscriptions as materialized (

    select * from {{ ref('stg_stripe__subscriptions') }}

),

customers as materialized (

    select * from {{ ref('int_customers_matched_to_users') }}

),

running as (

    select distinct customers.user_id
    from subscriptions
    inner join customers
        on subscriptions.customer_id = customers.customer_id
    where
        customers.user_id is not null
        and subscriptions.created_at < {{ as_of() }}
        and (subscriptions.ended_at is null or subscriptions.ended_at >= {{ as_of() }})
        and subscriptions.status not in ('incomplete', 'incomplete_expired', 'paused')

),

billed as (

    select user_id
    from {{ ref('fct_mrr_movements') }}
    where has_subscription and month_start = {{ utc_month(as_of()) }}

)

select
    coalesce(running.user_id, billed.user_id) as user_id,
    running.user_id is not null as has_running_subscription,
    billed.user_id is not null as has_invoice_lines_in_force
from running
full join billed
    on running.user_id = billed.user_id
where running.user_id is null or billed.user_id is null
