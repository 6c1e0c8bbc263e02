-- Grain: a user and Pacific day. The user's channels are summed by day before anything is joined.
-- Definitions: models/docs/users.md.

with channel_days as (

    select * from {{ ref('fct_channel_days') }}

),

summed as (

    select
        user_id,
        date_day,
        count(*) filter (where is_reported) as reported_channels,
        bool_or(views is not null) as is_known,
        bool_or(views is not null and revenue_usd is null) as has_missing_revenue,
        sum(views)::bigint as views,
        (sum(minutes_watched) / 60.0)::numeric(18, 6) as watch_hours,
        sum(subscribers_net)::bigint as subscribers_net,
        sum(revenue_usd)::numeric(18, 6) as revenue_usd,
        sum(cost_usd)::numeric(18, 6) as cost_usd,
        sum(videos_published)::bigint as videos_published
    from channel_days
    group by user_id, date_day

),

accumulated as (

    select
        user_id,
        date_day,
        reported_channels,
        is_known,
        has_missing_revenue,
        views,
        watch_hours,
        subscribers_net,
        revenue_usd,
        cost_usd,
        (revenue_usd - cost_usd)::numeric(18, 6) as profit_usd,
        {{ ratio('revenue_usd - cost_usd', 'cost_usd') }}::numeric(18, 6) as roi,
        videos_published,
        (sum(revenue_usd) over (
            partition by user_id
            order by date_day range between interval '29 days' preceding and current row
        ))::numeric(18, 6) as revenue_trailing_30d_usd,
        (sum(revenue_usd) over (
            partition by user_id order by date_day
        ))::numeric(18, 6) as cumulative_revenue_usd,
        (sum(cost_usd) over (
            partition by user_id order by date_day
        ))::numeric(18, 6) as cumulative_cost_usd
    from summed

)

select * from accumulated
