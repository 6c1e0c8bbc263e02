-- Grain: a user and UTC month, from the first month with a subscription to the as-of month.
-- Definitions: the docs blocks mrr and mrr_movement.

with months as (

    select * from {{ ref('int_mrr_by_user_month') }}

),

totalled as (

    select
        *,
        base_mrr + overage_mrr as closing_mrr
    from months

),

compared as (

    select
        *,
        coalesce(
            lag(closing_mrr) over (partition by user_id order by month_start), 0
        ) as opening_mrr,
        coalesce(
            bool_or(closing_mrr > 0) over (
                partition by user_id
                order by month_start
                rows between unbounded preceding and 1 preceding
            ),
            false
        ) as has_paid_before
    from totalled

),

moved as (

    select
        user_id,
        month_start,
        base_mrr::numeric(18, 2) as base_mrr,
        overage_mrr::numeric(18, 2) as overage_mrr,
        opening_mrr::numeric(18, 2) as opening_mrr,
        closing_mrr::numeric(18, 2) as closing_mrr,
        (closing_mrr - opening_mrr)::numeric(18, 2) as mrr_change,
        case
            when opening_mrr <= 0 and closing_mrr > 0 and has_paid_before then 'reactivation'
            when opening_mrr <= 0 and closing_mrr > 0 then 'new'
            when opening_mrr > 0 and closing_mrr <= 0 then 'churn'
            when closing_mrr > opening_mrr then 'expansion'
            when closing_mrr < opening_mrr then 'contraction'
            else 'none'
        end as mrr_movement,
        has_subscription,
        closing_mrr > 0 as is_paying,
        is_complete_month
    from compared

)

select * from moved
