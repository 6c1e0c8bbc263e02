-- Grain: a user. Where the revenue of the user's channels stands against the user's target.
-- Definitions: models/docs/users.md.

with users as (

    select * from {{ ref('dim_users') }}

),

revenue as (

    select * from {{ ref('int_users_revenue_summed_to_periods') }}

),

spending as (

    select * from {{ ref('int_users_spending_in_month') }}

),

statuses as (

    select * from {{ ref('revenue_status_thresholds') }}

),

tiers as (

    select * from {{ ref('success_tier_thresholds') }}

),

joined as (

    select
        users.user_id,
        users.email,
        users.channels as active_channels,
        users.target_revenue_usd,
        {{ utc_month(as_of()) }} as current_month,
        revenue.last_report_date,
        coalesce(revenue.revenue_month_to_date_usd, 0) as revenue_month_to_date_usd,
        revenue.previous_month_revenue_usd,
        revenue.revenue_30d_usd,
        case
            when revenue.is_previous_30d_covered
                then {{ ratio(
                    'revenue.revenue_30d_usd - revenue.revenue_previous_30d_usd',
                    'revenue.revenue_previous_30d_usd'
                ) }}
        end as revenue_growth_rate,
        {{ ratio('revenue.revenue_30d_usd', 'revenue.reported_days_30d') }} as revenue_per_day_usd,
        coalesce(spending.cost_month_to_date_usd, 0) as cost_month_to_date_usd,
        coalesce(spending.videos_month_to_date, 0) as videos_month_to_date
    from users
    left join revenue
        on users.user_id = revenue.user_id
    left join spending
        on users.user_id = spending.user_id

),

projected as (

    select
        *,
        revenue_month_to_date_usd + revenue_per_day_usd * (
            (current_month + interval '1 month')::date
            - greatest(last_report_date + 1, current_month)
        ) as forecast_month_end_usd,
        case
            when
                greatest(revenue_month_to_date_usd, revenue_30d_usd) >= target_revenue_usd
                then 0
            when revenue_30d_usd > 0 and revenue_growth_rate > 0
                then {{ ratio(
                    'ln(target_revenue_usd / revenue_30d_usd)', 'ln(1 + revenue_growth_rate)'
                ) }}
        end as months_to_goal
    from joined

),

banded as (

    select
        projected.user_id,
        projected.email,
        projected.active_channels,
        projected.current_month,
        projected.revenue_month_to_date_usd::numeric(18, 6) as revenue_month_to_date_usd,
        projected.target_revenue_usd,
        {{ ratio('projected.revenue_month_to_date_usd', 'projected.target_revenue_usd') }}
        ::numeric(18, 6) as progress_rate,
        statuses.revenue_status,
        tiers.success_tier,
        projected.previous_month_revenue_usd::numeric(18, 6) as previous_month_revenue_usd,
        projected.revenue_30d_usd::numeric(18, 6) as revenue_30d_usd,
        projected.revenue_growth_rate::numeric(18, 6) as revenue_growth_rate,
        projected.forecast_month_end_usd::numeric(18, 6) as forecast_month_end_usd,
        projected.months_to_goal::numeric(24, 2) as months_to_goal,
        ceil(projected.months_to_goal * 30)::bigint as days_to_goal,
        projected.cost_month_to_date_usd::numeric(18, 6) as cost_month_to_date_usd,
        (projected.revenue_month_to_date_usd - projected.cost_month_to_date_usd)::numeric(18, 6)
            as profit_month_to_date_usd,
        projected.videos_month_to_date,
        projected.last_report_date
    from projected
    inner join statuses
        on {{ within_band('projected.revenue_month_to_date_usd', 'statuses') }}
    inner join tiers
        on {{ within_band('projected.revenue_month_to_date_usd', 'tiers') }}

)

select * from banded
