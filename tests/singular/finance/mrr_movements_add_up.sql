-- Business identity of recurring revenue, to the cent. A month opens with what the one before
-- closed with; opening + new + reactivation + expansion - contraction - churn = closing; the users
-- add up to the platform.

with users as (

    select
        *,
        lag(closing_mrr, 1, 0.00) over (partition by user_id order by month_start) as carried_mrr,
        lag(month_start) over (partition by user_id order by month_start) as previous_month
    from {{ ref('fct_mrr_movements') }}

),

months as (

    select
        *,
        lag(closing_mrr, 1, 0.00) over (order by month_start) as carried_mrr
    from {{ ref('mrr_monthly') }}

),

summed as (

    select
        month_start,
        sum(closing_mrr) as closing_mrr,
        sum(mrr_change) as mrr_change,
        count(*) filter (where is_paying) as paying_users
    from users
    group by month_start

)

select
    'a user opens with another amount than the month before closed with' as broken_identity,
    user_id::text as user_id,
    month_start
from users
where
    opening_mrr is distinct from carried_mrr
    or previous_month is distinct from (
        case when previous_month is not null then (month_start - interval '1 month')::date end
    )

union all

select
    'the movements of a month do not lead from its opening to its closing'
        as broken_identity,
    null as user_id,
    month_start
from months
where
    opening_mrr + new_mrr + reactivation_mrr + expansion_mrr - contraction_mrr - churned_mrr
    is distinct from closing_mrr

union all

select
    'a month opens with another amount than the month before closed with'
        as broken_identity,
    null as user_id,
    month_start
from months
where opening_mrr is distinct from carried_mrr

union all

select
    'the users do not add up to the month'
        as broken_identity,
    null as user_id,
    coalesce(summed.month_start, months.month_start) as month_start
from summed
full join months
    on summed.month_start = months.month_start
where
    summed.closing_mrr is distinct from months.total_mrr
    or summed.mrr_change is distinct from months.closing_mrr - months.opening_mrr
    or summed.paying_users is distinct from months.paying_users
