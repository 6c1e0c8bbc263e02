-- Grain: a user with a Stripe customer: what was paid and what went back, up to the as-of instant.

with customers as materialized (

    select * from {{ ref('int_customers_matched_to_users') }}
    where user_id is not null

),

payments as (

    select
        customer_id,
        amount_paid_usd as paid_usd,
        0 as refunded_usd
    from {{ ref('stg_stripe__invoices') }}
    where
        currency = 'usd'
        and amount_paid_usd <> 0
        and coalesce(paid_at, created_at) < {{ as_of() }}
    union all
    select
        customer_id,
        0 as paid_usd,
        refunded_usd
    from {{ ref('stg_stripe__refunds') }}
    where currency = 'usd' and status = 'succeeded' and created_at < {{ as_of() }}

),

summed as (

    select
        customers.user_id,
        sum(payments.paid_usd)::numeric(18, 2) as paid_usd,
        sum(payments.refunded_usd)::numeric(18, 2) as refunded_usd
    from payments
    inner join customers
        on payments.customer_id = customers.customer_id
    group by customers.user_id

)

select * from summed
