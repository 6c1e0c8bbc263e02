-- The cohorts of the retention triangle add up to the month: who pays, and their MRR. The cohorts
-- of sign-ups add up to all users, and to those who have ever paid.

with movements as (

    select * from {{ ref('fct_mrr_movements') }}

),

users as (

    select * from {{ ref('dim_users') }}

),

months as (

    select
        month_start,
        count(*) filter (where is_paying) as paying_users,
        coalesce(sum(closing_mrr) filter (where is_paying), 0) as mrr
    from movements
    group by month_start

),

retained as (

    select
        month_start,
        sum(retained_customers) as paying_users,
        sum(retained_mrr) as mrr
    from {{ ref('cohort_retention') }}
    group by month_start

),

payers as (

    select distinct user_id from movements
    where is_paying

),

measured as (

    select count(*) as customers
    from {{ ref('int_customers_measured_by_lifetime') }}
    where paying_months > 0

),

signed_up as (

    select
        users.cohort_month,
        count(*) as cohort_size,
        count(payers.user_id) as paying_customers
    from users
    left join payers
        on users.user_id = payers.user_id
    group by users.cohort_month

)

select
    'the cohorts do not add up to the month' as broken_identity,
    months.month_start
from months
full join retained
    on months.month_start = retained.month_start
where
    coalesce(months.paying_users, 0) <> coalesce(retained.paying_users, 0)
    or coalesce(months.mrr, 0) <> coalesce(retained.mrr, 0)

union all

select
    'the cohort is not who signed up' as broken_identity,
    coalesce(signed_up.cohort_month, cohorts.cohort_month) as month_start
from signed_up
full join {{ ref('ltv_by_cohort') }} as cohorts
    on signed_up.cohort_month = cohorts.cohort_month
where
    signed_up.cohort_size is distinct from cohorts.cohort_size
    or signed_up.paying_customers is distinct from cohorts.paying_customers

union all

select
    'the curve does not begin with who paid for a whole month' as broken_identity,
    null as month_start
from measured
cross join {{ ref('customer_survival') }} as survival
where
    survival.months_paid = 0
    and survival.cohort = 'all'
    and survival.customers_at_risk <> measured.customers
