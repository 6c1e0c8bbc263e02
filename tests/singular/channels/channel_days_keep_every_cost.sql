-- Business identity: the costs of a channel's days are those of its videos up to the last report
-- date, to the millionth of a dollar.

with channels as (

    select * from {{ ref('dim_channels') }}

),

days as (

    select
        channel_id,
        sum(cost_usd) as cost_usd
    from {{ ref('fct_channel_days') }}
    group by channel_id

),

spent as (

    select
        channel_id,
        sum(cost_usd) as cost_usd
    from {{ ref('fct_video_costs') }}
    where cost_date <= (select max(channels.last_report_date) from channels)
    group by channel_id

)

select
    coalesce(days.channel_id, spent.channel_id) as channel_id,
    days.cost_usd as days_cost_usd,
    spent.cost_usd as spent_usd
from days
full join spent
    on days.channel_id = spent.channel_id
where coalesce(days.cost_usd, 0) <> coalesce(spent.cost_usd, 0)
