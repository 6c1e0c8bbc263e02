-- Grain: a UTC month, from the first subscription to the as-of month. Definitions:
-- models/docs/finance.md.

with movements as (

    select * from {{ ref('fct_mrr_movements') }}

),

summed as (

    select
        month_start,
        count(*) filter (where has_subscription) as active_users,
        count(*) filter (where is_paying) as paying_users,
        sum(base_mrr) as base_mrr,
        sum(overage_mrr) as overage_mrr,
        sum(closing_mrr) as total_mrr,
        sum(opening_mrr) as opening_mrr,
        count(*) filter (where opening_mrr > 0) as opening_paying_users,
        coalesce(sum(mrr_change) filter (where mrr_movement = 'new'), 0) as new_mrr,
        coalesce(sum(mrr_change) filter (where mrr_movement = 'expansion'), 0) as expansion_mrr,
        coalesce(-sum(mrr_change) filter (where mrr_movement = 'contraction'), 0)
            as contraction_mrr,
        coalesce(-sum(mrr_change) filter (where mrr_movement = 'churn'), 0) as churned_mrr,
        coalesce(sum(mrr_change) filter (where mrr_movement = 'reactivation'), 0)
            as reactivation_mrr,
        count(*) filter (where mrr_movement = 'new') as new_users,
        count(*) filter (where mrr_movement = 'reactivation') as reactivated_users,
        count(*) filter (where mrr_movement = 'churn') as churned_users,
        bool_and(is_complete_month) as is_complete_month
    from movements
    group by month_start

),

rated as (

    select
        month_start,
        active_users,
        paying_users,
        base_mrr::numeric(18, 2) as base_mrr,
        overage_mrr::numeric(18, 2) as overage_mrr,
        total_mrr::numeric(18, 2) as total_mrr,
        {{ ratio('total_mrr', 'paying_users') }}::numeric(18, 2) as arpa,
        {{ ratio('total_mrr - opening_mrr', 'opening_mrr') }}::numeric(18, 6) as mrr_growth_rate,
        opening_mrr::numeric(18, 2) as opening_mrr,
        new_mrr::numeric(18, 2) as new_mrr,
        expansion_mrr::numeric(18, 2) as expansion_mrr,
        contraction_mrr::numeric(18, 2) as contraction_mrr,
        churned_mrr::numeric(18, 2) as churned_mrr,
        reactivation_mrr::numeric(18, 2) as reactivation_mrr,
        total_mrr::numeric(18, 2) as closing_mrr,
        opening_paying_users,
        new_users,
        reactivated_users,
        churned_users,
        {{ ratio('churned_mrr + contraction_mrr', 'opening_mrr') }}::numeric(18, 6)
            as gross_churn_rate,
        {{ ratio('churned_users', 'opening_paying_users') }}::numeric(18, 6) as logo_churn_rate,
        {{ ratio('opening_mrr + expansion_mrr - contraction_mrr - churned_mrr', 'opening_mrr') }}
        ::numeric(18, 6) as net_revenue_retention,
        {{ ratio('opening_mrr - contraction_mrr - churned_mrr', 'opening_mrr') }}::numeric(18, 6)
            as gross_revenue_retention,
        {{ ratio('new_mrr + expansion_mrr + reactivation_mrr', 'contraction_mrr + churned_mrr') }}
        ::numeric(18, 6) as quick_ratio,
        (12 * total_mrr)::numeric(18, 2) as arr,
        is_complete_month
    from summed

)

select * from rated
