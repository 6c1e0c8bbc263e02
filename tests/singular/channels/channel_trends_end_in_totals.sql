-- Business identity: the lines of channel_day_trends have a point for each day, and end where the
-- channel's totals are: subscribers gained so far, and the month's revenue so far on the last day
-- of each month that is known.

with days as (

    select * from {{ ref('fct_channel_days') }}

),

trends as (

    select * from {{ ref('channel_day_trends') }}

),

expected as (

    select
        user_id,
        channel_id,
        date_trunc('month', date_day::timestamp)::date as month_start,
        count(*) as rows_expected,
        sum(revenue_usd) as revenue_usd,
        sum(sum(subscribers_net)) over (
            partition by user_id, channel_id
            order by date_trunc('month', date_day::timestamp)::date
        ) as subscribers_net
    from days
    group by user_id, channel_id, date_trunc('month', date_day::timestamp)::date

),

found as (

    select
        user_id,
        channel_id,
        date_trunc('month', date_day::timestamp)::date as month_start,
        count(*) as rows_found,
        (
            array_agg(month_revenue_so_far_usd order by date_day desc)
            filter (where month_revenue_so_far_usd is not null)
        )[1] as revenue_usd,
        (
            array_agg(subscribers_net_so_far order by date_day desc)
            filter (where subscribers_net_so_far is not null)
        )[1] as subscribers_net
    from trends
    group by user_id, channel_id, date_trunc('month', date_day::timestamp)::date

)

select
    coalesce(expected.channel_id, found.channel_id) as channel_id,
    coalesce(expected.month_start, found.month_start) as month_start,
    expected.rows_expected,
    found.rows_found,
    expected.revenue_usd,
    found.revenue_usd as found_revenue_usd,
    expected.subscribers_net,
    found.subscribers_net as found_subscribers_net
from expected
full join found
    on
        expected.user_id = found.user_id
        and expected.channel_id = found.channel_id
        and expected.month_start = found.month_start
where
    expected.rows_expected is distinct from found.rows_found
    or expected.revenue_usd is distinct from found.revenue_usd
    or (
        expected.subscribers_net is distinct from found.subscribers_net
        and found.subscribers_net is not null
    )
