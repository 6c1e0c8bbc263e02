{{ config(materialized='table') }}

-- Grain: a user who has ever paid, with the months paid for so far. Months that have not ended tell
-- nothing of who stays, and are left out. Definition: the docs block average_lifetime_months.

with movements as (

    select * from {{ ref('fct_mrr_movements') }}

),

users as (

    select * from {{ ref('dim_users') }}

),

measured as (

    select
        user_id,
        min(month_start) filter (where is_paying) as first_paying_month,
        count(*) filter (where is_paying and is_complete_month) as paying_months,
        coalesce(sum(closing_mrr) filter (where is_paying and is_complete_month), 0)
            as paid_mrr,
        -- A month that begins with a paying customer is a chance to leave.
        count(*) filter (where opening_mrr > 0 and is_complete_month) as months_at_risk,
        count(*) filter (where mrr_movement = 'churn' and is_complete_month) as churns,
        -- Who pays at the end of the last whole month, or not before it, has not shown an end.
        coalesce(
            (array_agg(is_paying order by month_start desc) filter (where is_complete_month))[1],
            true
        ) or not coalesce(bool_or(is_paying and is_complete_month), false) as is_censored
    from movements
    group by user_id
    having bool_or(is_paying)

),

joined as (

    select
        measured.user_id,
        users.cohort_month,
        measured.first_paying_month,
        measured.paying_months,
        measured.paid_mrr::numeric(18, 2) as paid_mrr,
        measured.months_at_risk,
        measured.churns,
        measured.is_censored
    from measured
    inner join users
        on measured.user_id = users.user_id

)

select * from joined
