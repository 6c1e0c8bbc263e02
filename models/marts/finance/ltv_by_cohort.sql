-- Grain: a cohort of users by the UTC month of their sign-up. Definitions: the docs blocks
-- average_lifetime_months, ltv_historic, ltv_predictive and ltv_kaplan_meier.

with users as (

    select * from {{ ref('dim_users') }}

),

lifetimes as (

    select * from {{ ref('int_customers_measured_by_lifetime') }}

),

collected as (

    select * from {{ ref('int_users_summed_to_collected_revenue') }}

),

survival as (

    select
        cohort_month,
        sum(survival_rate) as expected_lifetime_months,
        count(*) as expected_lifetime_horizon_months
    from {{ ref('customer_survival') }}
    where cohort_month is not null
    group by cohort_month

),

margin as (

    select gross_margin_rate_12m as gross_margin_rate
    from {{ ref('gross_margin_monthly') }}
    order by month_start desc
    limit 1

),

summed as (

    select
        users.cohort_month,
        count(*) as cohort_size,
        count(lifetimes.user_id) as paying_customers,
        sum(coalesce(collected.paid_usd, 0) - coalesce(collected.refunded_usd, 0))
            as realised_revenue_usd,
        count(*) filter (where lifetimes.paying_months > 0) as measured_customers,
        count(*) filter (where lifetimes.paying_months > 0 and lifetimes.is_censored)
            as censored_customers,
        coalesce(sum(lifetimes.paying_months), 0) as paying_months,
        coalesce(sum(lifetimes.paid_mrr), 0) as paid_mrr,
        {{ ratio('sum(lifetimes.churns)', 'sum(lifetimes.months_at_risk)') }}
            as monthly_churn_rate
    from users
    left join lifetimes
        on users.user_id = lifetimes.user_id
    left join collected
        on users.user_id = collected.user_id
    group by users.cohort_month

),

averaged as (

    select
        summed.*,
        {{ ratio('summed.paying_months', 'summed.measured_customers') }}
            as average_lifetime_months,
        {{ ratio('summed.paid_mrr', 'summed.paying_months') }} as average_monthly_revenue_usd,
        survival.expected_lifetime_months,
        survival.expected_lifetime_horizon_months,
        (select margin.gross_margin_rate from margin) as gross_margin_rate
    from summed
    left join survival
        on summed.cohort_month = survival.cohort_month

),

valued as (

    select
        cohort_month,
        cohort_size,
        paying_customers,
        realised_revenue_usd::numeric(18, 6) as realised_revenue_usd,
        {{ ratio('realised_revenue_usd', 'paying_customers') }}::numeric(18, 6)
            as realised_revenue_per_customer_usd,
        average_lifetime_months::numeric(18, 6) as average_lifetime_months,
        censored_customers > 0 as is_censored,
        {{ ratio('censored_customers', 'measured_customers') }}::numeric(18, 6)
            as censored_customers_rate,
        average_monthly_revenue_usd::numeric(18, 6) as average_monthly_revenue_usd,
        monthly_churn_rate::numeric(18, 6) as monthly_churn_rate,
        gross_margin_rate,
        (average_lifetime_months * average_monthly_revenue_usd)::numeric(18, 2)
            as ltv_historic,
        ({{ ratio('average_monthly_revenue_usd * gross_margin_rate', 'monthly_churn_rate') }})
        ::numeric(18, 2) as ltv_predictive,
        expected_lifetime_months::numeric(18, 6) as expected_lifetime_months,
        expected_lifetime_horizon_months::integer as expected_lifetime_horizon_months,
        (expected_lifetime_months * average_monthly_revenue_usd * gross_margin_rate)
        ::numeric(18, 2) as ltv_kaplan_meier
    from averaged

)

select * from valued
