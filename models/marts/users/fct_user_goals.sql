-- Grain: a user and goal of monthly revenue (seed success_goals). When the goal was first reached,
-- and whether in time, as far as that can be told. Definitions: models/docs/users.md.

with users as (

    select * from {{ ref('dim_users') }}

),

days as (

    select
        *,
        min(date_day) filter (where is_known) over (partition by user_id) as first_known_day
    from {{ ref('fct_user_days') }}

),

goals as (

    select * from {{ ref('success_goals') }}

),

reports as (

    select
        min(date_day) filter (where is_known) as first_report_date,
        max(date_day) as last_report_date
    from days

),

-- Nothing is earned without channels, nor before the user's first report. Later on, and where no
-- report ever came, a day whose figures are not told is unknown; so is what was before the first
-- report of all users, where the warehouse's knowledge begins.
joined as (

    select
        users.user_id,
        users.cohort_month,
        goals.goal,
        goals.revenue_usd as goal_revenue_usd,
        goals.by_day,
        users.signup_date,
        users.signup_date + goals.by_day as deadline_date,
        reports.last_report_date,
        users.signup_date >= reports.first_report_date as is_known_from_signup,
        min(days.date_day) filter (
            where days.revenue_trailing_30d_usd >= goals.revenue_usd
        ) as reached_date,
        coalesce(bool_or(
            (
                days.has_missing_revenue
                or not days.is_known
                and days.date_day > coalesce(days.first_known_day, date '0001-01-01')
            )
            and days.date_day <= users.signup_date + goals.by_day
        ), false) as has_unknown_days
    from users
    cross join goals
    cross join reports
    left join days
        on users.user_id = days.user_id and users.signup_date <= days.date_day
    group by
        users.user_id,
        users.cohort_month,
        users.signup_date,
        goals.goal,
        goals.revenue_usd,
        goals.by_day,
        reports.first_report_date,
        reports.last_report_date

),

decided as (

    select
        user_id,
        goal,
        cohort_month,
        goal_revenue_usd::numeric(18, 6) as goal_revenue_usd,
        by_day,
        signup_date,
        deadline_date,
        reached_date,
        case when is_known_from_signup then reached_date - signup_date end as days_to_reach,
        case
            when reached_date <= deadline_date then true
            -- Told late, or not told at all, is not the same as not reached.
            when has_unknown_days or not is_known_from_signup then null
            when last_report_date >= deadline_date then false
        end as is_reached_in_time
    from joined

)

select * from decided
