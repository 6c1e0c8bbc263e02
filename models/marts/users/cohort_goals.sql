-- Grain: a signup month. How many of its users were at 5,000 US dollars a month by day 45 and at
-- 10,000 by day 90, of those of whom it can be told. Definitions: models/docs/users.md.

with users as (

    select * from {{ ref('user_success_metrics') }}

),

counted as (

    select
        cohort_month,
        count(*) as users,
        count(is_at_5000_by_day_45) as users_decided_5000,
        count(*) filter (where is_at_5000_by_day_45) as users_at_5000_by_day_45,
        count(is_at_10000_by_day_90) as users_decided_10000,
        count(*) filter (where is_at_10000_by_day_90) as users_at_10000_by_day_90,
        avg(days_to_5000_usd)::numeric(18, 2) as average_days_to_5000_usd,
        avg(days_to_10000_usd)::numeric(18, 2) as average_days_to_10000_usd,
        avg(revenue_30d_usd)::numeric(18, 6) as average_revenue_30d_usd
    from users
    group by cohort_month

),

final as (

    select
        cohort_month,
        users,
        users_decided_5000,
        users_at_5000_by_day_45,
        {{ ratio('users_at_5000_by_day_45', 'users_decided_5000') }}::numeric(18, 6)
            as share_at_5000_by_day_45,
        users_decided_10000,
        users_at_10000_by_day_90,
        {{ ratio('users_at_10000_by_day_90', 'users_decided_10000') }}::numeric(18, 6)
            as share_at_10000_by_day_90,
        average_days_to_5000_usd,
        average_days_to_10000_usd,
        average_revenue_30d_usd
    from counted

)

select * from final
