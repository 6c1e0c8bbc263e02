-- Grain: a channel and Pacific day: lines over its days, for dashboards. Windows are days that
-- really passed, not rows. Definitions: models/docs/channels.md.

with days as (

    select * from {{ ref('fct_channel_days') }}

),

channels as (

    select * from {{ ref('dim_channels') }}

),

windowed as (

    select
        days.user_id,
        days.channel_id,
        days.date_day,
        days.views,
        days.subscribers_net,
        days.revenue_usd,
        channels.monthly_revenue_target_usd,
        sum(days.subscribers_net) over so_far as subscribers_gained_so_far,
        sum(days.views) over week as views_7d,
        count(days.views) over week as known_days,
        sum(days.views) over week_before as views_previous_7d,
        count(days.views) over week_before as known_days_before,
        sum(days.revenue_usd) over month_so_far as month_revenue_so_far,
        extract(day from days.date_day) / extract(
            day from date_trunc('month', days.date_day::timestamp) + interval '1 month - 1 day'
        ) as month_passed
    from days
    inner join channels
        on days.user_id = channels.user_id and days.channel_id = channels.channel_id
    window
        so_far as (partition by days.user_id, days.channel_id order by days.date_day),
        week as (
            partition by days.user_id, days.channel_id order by days.date_day
            range between interval '6 days' preceding and current row
        ),
        week_before as (
            partition by days.user_id, days.channel_id order by days.date_day
            range between interval '13 days' preceding and interval '7 days' preceding
        ),
        month_so_far as (
            partition by
                days.user_id,
                days.channel_id,
                date_trunc('month', days.date_day::timestamp)
            order by days.date_day
        )

),

final as (

    select
        user_id,
        channel_id,
        date_day,
        case when subscribers_net is not null then subscribers_gained_so_far end::bigint
            as subscribers_net_so_far,
        case when known_days = 7 then views_7d / (7 * 24.0) end::numeric(18, 4)
            as views_per_hour_7d,
        case
            when known_days = 7 and known_days_before = 7
                then {{ ratio('views_7d - views_previous_7d', 'views_previous_7d') }}
        end::numeric(18, 6) as views_per_hour_growth,
        case when revenue_usd is not null then month_revenue_so_far end::numeric(18, 6)
            as month_revenue_so_far_usd,
        (monthly_revenue_target_usd * month_passed)::numeric(18, 6) as month_target_so_far_usd,
        case
            when revenue_usd is not null
                then {{ ratio(
                    'month_revenue_so_far', 'monthly_revenue_target_usd * month_passed'
                ) }}
        end::numeric(18, 6) as target_pace_ratio
    from windowed

)

select * from final
