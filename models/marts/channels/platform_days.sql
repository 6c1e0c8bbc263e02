-- Grain: a Pacific day: all channels of all users together. Definitions: models/docs/channels.md.

with days as (

    select * from {{ ref('fct_channel_days') }}

),

summed as (

    select
        date_day,
        sum(views)::bigint as views,
        sum(minutes_watched)::bigint as minutes_watched,
        (sum(minutes_watched) / 60.0)::numeric(18, 6) as watch_hours,
        sum(revenue_usd)::numeric(18, 6) as revenue_usd,
        sum(cost_usd)::numeric(18, 6) as cost_usd,
        (sum(revenue_usd) - sum(cost_usd))::numeric(18, 6) as profit_usd,
        sum(videos_published)::bigint as videos_published,
        count(*) filter (where views > 0) as active_channels,
        sum(subscribers_net)::bigint as subscribers_net
    from days
    group by date_day

)

select * from summed
