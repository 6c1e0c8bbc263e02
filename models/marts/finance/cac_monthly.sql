-- Grain: a UTC month, from the first with a marketing cost or a subscription to the as-of month;
-- a month without cost or without new customers has its row. Definitions: the docs blocks
-- overall_cac_usd, paid_cac_usd, organic_cac_usd, cac_payback_months and ltv_to_cac_ratio.

with months_of_revenue as (

    select * from {{ ref('mrr_monthly') }}

),

margins as (

    select * from {{ ref('gross_margin_monthly') }}

),

costs as (

    select
        date_trunc('month', expense_date)::date as month_start,
        sum(amount_usd) as marketing_cost_usd,
        sum(amount_usd) filter (where category = 'paid_ads') as paid_ads_cost_usd,
        sum(amount_usd) filter (where category = 'content_marketing')
            as content_marketing_cost_usd,
        sum(amount_usd) filter (where category = 'sales') as sales_cost_usd
    from {{ ref('stg_costs__expenses') }}
    where
        (
            department in ('marketing', 'sales')
            or category in ('paid_ads', 'content_marketing', 'sales')
        )
        and expense_date <= {{ as_of_date() }}
    group by date_trunc('month', expense_date)::date

),

customers as (

    select
        movements.month_start,
        count(*) filter (where users.acquisition_channel = 'paid') as new_paid_customers,
        count(*) filter (where users.acquisition_channel = 'organic') as new_organic_customers
    from {{ ref('fct_mrr_movements') }} as movements
    left join {{ ref('dim_users') }} as users
        on movements.user_id = users.user_id
    where movements.mrr_movement = 'new'
    group by movements.month_start

),

months as (

    select series.month_start::date as month_start
    from generate_series(
        least(
            (select min(month_start) from costs), (select min(month_start) from months_of_revenue)
        )::timestamp,
        {{ utc_month(as_of()) }}::timestamp,
        interval '1 month'
    ) as series (month_start)

),

joined as (

    select
        months.month_start,
        coalesce(costs.paid_ads_cost_usd, 0) as paid_ads_cost_usd,
        coalesce(costs.content_marketing_cost_usd, 0) as content_marketing_cost_usd,
        coalesce(costs.sales_cost_usd, 0) as sales_cost_usd,
        coalesce(costs.marketing_cost_usd, 0) as marketing_cost_usd,
        coalesce(months_of_revenue.new_users, 0) as new_customers,
        coalesce(customers.new_paid_customers, 0) as new_paid_customers,
        coalesce(customers.new_organic_customers, 0) as new_organic_customers,
        months_of_revenue.arpa,
        margins.gross_margin_rate_12m,
        sum(costs.marketing_cost_usd) over twelve_months as marketing_cost_12m_usd,
        sum(months_of_revenue.new_users) over twelve_months as new_customers_12m,
        sum(months_of_revenue.churned_users) over twelve_months as churned_users_12m,
        sum(months_of_revenue.opening_paying_users) over twelve_months as opening_users_12m
    from months
    left join months_of_revenue
        on months.month_start = months_of_revenue.month_start
    left join margins
        on months.month_start = margins.month_start
    left join costs
        on months.month_start = costs.month_start
    left join customers
        on months.month_start = customers.month_start
    window twelve_months as (
        order by months.month_start rows between 11 preceding and current row
    )

),

valued as (

    select
        *,
        -- A customer on whom nothing is earned never pays back.
        greatest(arpa * gross_margin_rate_12m, 0) as monthly_profit_usd,
        {{ ratio('marketing_cost_usd', 'new_customers') }} as overall_cac_usd,
        {{ ratio('coalesce(marketing_cost_12m_usd, 0)', 'new_customers_12m') }}
            as overall_cac_12m_usd,
        {{ ratio('arpa * gross_margin_rate_12m', ratio('churned_users_12m', 'opening_users_12m')) }}
            as customer_ltv_usd
    from joined

),

rated as (

    select
        month_start,
        paid_ads_cost_usd::numeric(18, 6) as paid_ads_cost_usd,
        content_marketing_cost_usd::numeric(18, 6) as content_marketing_cost_usd,
        sales_cost_usd::numeric(18, 6) as sales_cost_usd,
        (marketing_cost_usd - paid_ads_cost_usd - content_marketing_cost_usd - sales_cost_usd)
        ::numeric(18, 6) as other_marketing_cost_usd,
        marketing_cost_usd::numeric(18, 6) as marketing_cost_usd,
        new_customers,
        new_paid_customers,
        new_organic_customers,
        overall_cac_usd::numeric(18, 6) as overall_cac_usd,
        {{ ratio('paid_ads_cost_usd', 'new_paid_customers') }}::numeric(18, 6) as paid_cac_usd,
        {{ ratio('content_marketing_cost_usd', 'new_organic_customers') }}::numeric(18, 6)
            as organic_cac_usd,
        {{ ratio('overall_cac_usd', 'arpa') }}::numeric(18, 6) as cac_payback_months_on_revenue,
        {{ ratio('overall_cac_usd', 'monthly_profit_usd') }}::numeric(18, 6) as cac_payback_months,
        customer_ltv_usd::numeric(18, 6) as customer_ltv_usd,
        {{ ratio('customer_ltv_usd', 'overall_cac_usd') }}::numeric(18, 6) as ltv_to_cac_ratio,
        overall_cac_12m_usd::numeric(18, 6) as overall_cac_12m_usd,
        {{ ratio('overall_cac_12m_usd', 'monthly_profit_usd') }}::numeric(18, 6)
            as cac_payback_months_12m,
        {{ ratio('customer_ltv_usd', 'overall_cac_12m_usd') }}::numeric(18, 6)
            as ltv_to_cac_ratio_12m,
        {{ next_month_start('month_start') }} <= {{ as_of() }} as is_complete_month
    from valued

)

select * from rated
