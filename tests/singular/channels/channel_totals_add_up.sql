-- Business identity: the sum over channels is the sum over days, for all that is summed.

with days as (

    select
        coalesce(sum(views), 0) as views,
        coalesce(sum(revenue_usd), 0) as revenue_usd,
        coalesce(sum(cost_usd), 0) as cost_usd
    from {{ ref('platform_days') }}

),

channels as (

    select
        coalesce(sum(views_total), 0) as views,
        coalesce(sum(revenue_total_usd), 0) as revenue_usd,
        coalesce(sum(cost_total_usd), 0) as cost_usd
    from {{ ref('channel_performance') }}

)

select
    days.*,
    channels.views as channels_views,
    channels.revenue_usd as channels_revenue_usd,
    channels.cost_usd as channels_cost_usd
from days
cross join channels
where
    days.views is distinct from channels.views
    or days.revenue_usd is distinct from channels.revenue_usd
    or days.cost_usd is distinct from channels.cost_usd
