-- Business identity: users' days and months hold what the channels' days and the ledger hold, once,
-- so no join on the way has dropped or doubled anything; and the running month is the one of
-- user_revenue_progress.

with user_days as (

    select
        date_day,
        sum(revenue_usd) as revenue_usd,
        sum(cost_usd) as cost_usd
    from {{ ref('fct_user_days') }}
    group by date_day

),

days as (

    select
        user_id,
        sum(revenue_usd) as revenue_usd
    from {{ ref('fct_user_days') }}
    group by user_id

),

months as (

    select
        user_id,
        sum(revenue_usd) as revenue_usd,
        sum(cost_usd) as cost_usd
    from {{ ref('fct_user_months') }}
    group by user_id

),

costs as (

    select
        user_id,
        sum(cost_usd) as cost_usd
    from {{ ref('fct_video_costs') }}
    group by user_id

),

compared as (

    select
        'days of users and of the platform' as compared,
        users.date_day::text as key,
        users.revenue_usd as left_usd,
        platform.revenue_usd as right_usd,
        users.cost_usd as left_cost_usd,
        platform.cost_usd as right_cost_usd
    from user_days as users
    full join {{ ref('platform_days') }} as platform
        on users.date_day = platform.date_day

    union all

    select
        'months and days of a user' as compared,
        coalesce(months.user_id, days.user_id)::text as key,
        months.revenue_usd as left_usd,
        days.revenue_usd as right_usd,
        months.cost_usd as left_cost_usd,
        coalesce(costs.cost_usd, 0) as right_cost_usd
    from months
    full join days
        on months.user_id = days.user_id
    left join costs
        on coalesce(months.user_id, days.user_id) = costs.user_id

    union all

    select
        'running month and progress' as compared,
        running.user_id::text as key,
        coalesce(running.revenue_usd, 0) as left_usd,
        progress.revenue_month_to_date_usd as right_usd,
        running.cost_usd as left_cost_usd,
        progress.cost_month_to_date_usd as right_cost_usd
    from {{ ref('fct_user_months') }} as running
    left join {{ ref('user_revenue_progress') }} as progress
        on running.user_id = progress.user_id
    where not running.is_complete_month

    union all

    select
        'totals and months of a user' as compared,
        totals.user_id::text as key,
        totals.revenue_total_usd as left_usd,
        months.revenue_usd as right_usd,
        totals.cost_total_usd as left_cost_usd,
        coalesce(months.cost_usd, 0) as right_cost_usd
    from {{ ref('user_costs') }} as totals
    left join months
        on totals.user_id = months.user_id

)

select * from compared
where left_usd is distinct from right_usd or left_cost_usd is distinct from right_cost_usd
