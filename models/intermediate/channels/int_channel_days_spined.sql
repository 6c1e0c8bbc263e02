-- Grain: a channel and Pacific day, every day from the channel's first report, cost or publication
-- by the platform to the last day that YouTube has reported of any channel, with what was spent and
-- published. Videos from before the platform do not stretch the days into years without a report.

with channels as (

    select * from {{ ref('dim_channels') }}

),

costs as (

    select
        user_id,
        channel_id,
        cost_date as date_day,
        sum(cost_usd) as cost_usd
    from {{ ref('fct_video_costs') }}
    group by user_id, channel_id, cost_date

),

publications as (

    select
        user_id,
        channel_id,
        {{ pacific_date('published_at') }} as date_day,
        count(*) as videos_published,
        bool_or(made_by_platform) as has_platform_video
    from {{ ref('dim_videos') }}
    where published_at <= {{ as_of() }}
    group by user_id, channel_id, {{ pacific_date('published_at') }}

),

activity as (

    select user_id, channel_id, first_report_date as date_day from channels
    union all
    select user_id, channel_id, date_day from costs
    union all
    select user_id, channel_id, date_day from publications
    where has_platform_video

),

periods as (

    select
        user_id,
        channel_id,
        min(date_day) as first_day,
        (select max(channels.last_report_date) from channels) as last_day
    from activity
    group by user_id, channel_id

),

days as (

    select
        periods.user_id,
        periods.channel_id,
        spine.date_day::date as date_day
    from periods
    cross join lateral generate_series(
        periods.first_day::timestamp, periods.last_day::timestamp, interval '1 day'
    ) as spine (date_day)

),

joined as (

    select
        days.user_id,
        days.channel_id,
        days.date_day,
        coalesce(costs.cost_usd, 0)::numeric(18, 6) as cost_usd,
        coalesce(publications.videos_published, 0) as videos_published
    from days
    left join costs
        on
            days.user_id = costs.user_id
            and days.channel_id = costs.channel_id
            and days.date_day = costs.date_day
    left join publications
        on
            days.user_id = publications.user_id
            and days.channel_id = publications.channel_id
            and days.date_day = publications.date_day

)

select * from joined
