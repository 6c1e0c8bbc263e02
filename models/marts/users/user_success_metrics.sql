-- Grain: a user. How soon after signing up the goals of 5,000 and 10,000 US dollars a month were
-- reached, and the time it takes. Definitions: models/docs/users.md.

with users as (

    select * from {{ ref('dim_users') }}

),

goals as (

    select
        user_id,
        min(reached_date) filter (where goal = 'usd_5000') as reached_5000_date,
        min(days_to_reach) filter (where goal = 'usd_5000') as days_to_5000_usd,
        bool_or(is_reached_in_time) filter (where goal = 'usd_5000') as is_at_5000_by_day_45,
        min(reached_date) filter (where goal = 'usd_10000') as reached_10000_date,
        min(days_to_reach) filter (where goal = 'usd_10000') as days_to_10000_usd,
        bool_or(is_reached_in_time) filter (where goal = 'usd_10000') as is_at_10000_by_day_90
    from {{ ref('fct_user_goals') }}
    group by user_id

),

recent_weeks as (

    select
        user_id,
        avg(hours_spent) as weekly_hours_spent
    from {{ ref('fct_user_activity_weeks') }}
    where is_complete_week and week_start + 35 > {{ as_of_date() }}
    group by user_id

),

progress as (

    select * from {{ ref('user_revenue_progress') }}

),

joined as (

    select
        users.user_id,
        users.cohort_month,
        users.signup_date,
        {{ as_of_date() }} - users.signup_date as days_since_signup,
        progress.revenue_30d_usd,
        progress.success_tier,
        goals.reached_5000_date,
        goals.days_to_5000_usd,
        goals.is_at_5000_by_day_45,
        goals.reached_10000_date,
        goals.days_to_10000_usd,
        goals.is_at_10000_by_day_90,
        recent_weeks.weekly_hours_spent::numeric(18, 6) as weekly_hours_spent,
        recent_weeks.weekly_hours_spent < 1 as is_within_hours_target
    from users
    left join goals
        on users.user_id = goals.user_id
    left join recent_weeks
        on users.user_id = recent_weeks.user_id
    left join progress
        on users.user_id = progress.user_id

)

select * from joined
