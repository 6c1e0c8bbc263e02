-- Business identity: every user is in one cohort, with one row a goal, and cohorts count what users
-- are.

with cohorts as (

    select
        sum(users) as users,
        sum(users_at_5000_by_day_45) as users_at_5000,
        sum(users_at_10000_by_day_90) as users_at_10000
    from {{ ref('cohort_goals') }}

),

users as (

    select count(*) as users from {{ ref('dim_users') }}

),

goals as (

    select
        count(*) filter (where goal = 'usd_5000') as users,
        count(*) filter (where goal = 'usd_5000' and is_reached_in_time) as users_at_5000,
        count(*) filter (where goal = 'usd_10000' and is_reached_in_time) as users_at_10000
    from {{ ref('fct_user_goals') }}

)

select
    cohorts.users as users_of_cohorts,
    users.users,
    goals.users as users_of_goals,
    cohorts.users_at_5000,
    goals.users_at_5000 as goals_at_5000,
    cohorts.users_at_10000,
    goals.users_at_10000 as goals_at_10000
from cohorts
cross join users
cross join goals
where
    coalesce(cohorts.users, 0) is distinct from users.users
    or goals.users is distinct from users.users
    or coalesce(cohorts.users_at_5000, 0) is distinct from goals.users_at_5000
    or coalesce(cohorts.users_at_10000, 0) is distinct from goals.users_at_10000
