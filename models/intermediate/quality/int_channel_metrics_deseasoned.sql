-- Grain: a channel, metric (revenue, views, cost) and Pacific day with at least two earlier days of
-- the same weekday: how far the figure is from their median, over the eight weeks before.

{{ config(materialized='table') }}

with days as (

    select
        days.user_id,
        days.channel_id,
        days.date_day,
        metrics.metric_name,
        metrics.metric_value,
        extract(isodow from days.date_day) as day_of_week
    from {{ ref('fct_channel_days') }} as days
    cross join
        lateral (
            values
            ('revenue', days.revenue_usd),
            ('views', days.views::numeric),
            ('cost', days.cost_usd)
        ) as metrics (metric_name, metric_value)
    where metrics.metric_value is not null

),

compared as (

    select
        days.user_id,
        days.channel_id,
        days.metric_name,
        days.date_day,
        days.metric_value,
        count(*) as weekdays_before,
        (percentile_cont(0.5) within group (order by earlier.metric_value))::numeric(18, 6)
            as weekday_median
    from days
    inner join days as earlier
        on
            days.channel_id = earlier.channel_id
            and days.metric_name = earlier.metric_name
            and days.day_of_week = earlier.day_of_week
            and days.date_day > earlier.date_day
            and days.date_day <= earlier.date_day + 56
    group by
        days.user_id, days.channel_id, days.metric_name, days.date_day, days.metric_value
    having count(*) >= 2

),

final as (

    select
        user_id,
        channel_id,
        metric_name,
        date_day,
        metric_value::numeric(18, 6) as metric_value,
        weekday_median,
        (metric_value - weekday_median)::numeric(18, 6) as residual
    from compared

)

select * from final
