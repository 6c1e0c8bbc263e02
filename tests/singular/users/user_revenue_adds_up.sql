-- Business identity: the users' revenue adds up to the platform's, this month and in the 30 days,
-- so no join on the way has dropped or doubled a channel.

with users as (

    select
        coalesce(sum(revenue_month_to_date_usd), 0) as month_to_date_usd,
        coalesce(sum(revenue_30d_usd), 0) as last_30d_usd
    from {{ ref('user_revenue_progress') }}

),

platform as (

    select max(date_day) as last_day from {{ ref('platform_days') }}

),

channels as (

    select
        coalesce(
            sum(revenue_usd) filter (where date_day >= {{ utc_month(as_of()) }}), 0
        ) as month_to_date_usd,
        coalesce(
            sum(revenue_usd) filter (
                where date_day > (select platform.last_day from platform) - 30
            ), 0
        ) as last_30d_usd
    from {{ ref('fct_channel_days') }}

),

overview as (

    select
        revenue_month_to_date_usd as month_to_date_usd,
        revenue_30d_usd as last_30d_usd
    from {{ ref('executive_overview') }}

),

compared as (

    select 'channels' as compared_with, * from channels
    union all
    select 'overview' as compared_with, * from overview

)

select
    compared.compared_with,
    users.month_to_date_usd as users_month_to_date_usd,
    compared.month_to_date_usd,
    users.last_30d_usd as users_last_30d_usd,
    compared.last_30d_usd
from users
cross join compared
where
    users.month_to_date_usd is distinct from compared.month_to_date_usd
    or users.last_30d_usd is distinct from compared.last_30d_usd
