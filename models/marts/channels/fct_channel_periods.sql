-- Grain: a channel and number of days (7, 28, 30, 90) up to the last report date, next to as many
-- days before. Definitions: models/docs/channels.md.

with channels as (

    select * from {{ ref('dim_channels') }}

),

days as (

    select * from {{ ref('fct_channel_days') }}

),

reported_until as (

    select max(last_report_date) as last_report_date from channels

),

periods as (

    select
        channels.user_id,
        channels.channel_id,
        lengths.period_days,
        reported_until.last_report_date as period_end,
        reported_until.last_report_date - lengths.period_days + 1 as period_start,
        reported_until.last_report_date - 2 * lengths.period_days + 1 as previous_start,
        coalesce(
            channels.first_report_date <= reported_until.last_report_date
            - 2 * lengths.period_days + 1
            and channels.last_report_date = reported_until.last_report_date,
            false
        ) as has_full_previous
    from channels
    cross join reported_until
    cross join (values (7), (28), (30), (90)) as lengths (period_days)

),

marked as (

    select
        periods.*,
        days.date_day >= periods.period_start as is_current,
        days.views,
        days.minutes_watched,
        days.likes + days.comments + days.shares as engagements,
        days.subscribers_net,
        days.revenue_usd,
        days.cost_usd,
        days.videos_published,
        days.impressions,
        days.clicks,
        days.timed_minutes_watched,
        days.full_view_minutes
    from periods
    left join days
        on
            periods.user_id = days.user_id
            and periods.channel_id = days.channel_id
            and days.date_day between periods.previous_start and periods.period_end

),

summed as (

    select
        user_id,
        channel_id,
        period_days,
        period_start,
        period_end,
        has_full_previous,
        sum(views) filter (where is_current) as views,
        sum(views) filter (where not is_current) as previous_views,
        sum(minutes_watched) filter (where is_current) as minutes_watched,
        sum(engagements) filter (where is_current) as engagements,
        sum(subscribers_net) filter (where is_current) as subscribers_net,
        sum(subscribers_net) filter (where not is_current) as previous_subscribers_net,
        sum(revenue_usd) filter (where is_current) as revenue_usd,
        sum(revenue_usd) filter (where not is_current) as previous_revenue_usd,
        sum(views) filter (where is_current and revenue_usd is not null) as views_with_revenue,
        count(*) filter (where views is not null and revenue_usd is null) as days_without_revenue,
        sum(cost_usd) filter (where is_current) as cost_usd,
        sum(videos_published) filter (where is_current) as videos_published,
        sum(impressions) filter (where is_current) as impressions,
        sum(clicks) filter (where is_current) as clicks,
        sum(timed_minutes_watched) filter (where is_current) as timed_minutes_watched,
        sum(full_view_minutes) filter (where is_current) as full_view_minutes
    from marked
    group by user_id, channel_id, period_days, period_start, period_end, has_full_previous

),

measured as (

    select
        user_id,
        channel_id,
        period_days,
        period_start,
        period_end,
        has_full_previous,
        views::bigint as views,
        previous_views::bigint as previous_views,
        case
            when has_full_previous and previous_views > 0
                then {{ ratio('views - previous_views', 'previous_views') }}
        end::numeric(18, 6) as views_growth,
        subscribers_net::bigint as subscribers_net,
        previous_subscribers_net::bigint as previous_subscribers_net,
        case
            when has_full_previous and previous_subscribers_net > 0
                then {{ ratio(
                    'subscribers_net - previous_subscribers_net', 'previous_subscribers_net'
                ) }}
        end::numeric(18, 6) as subscribers_growth,
        revenue_usd::numeric(18, 6) as revenue_usd,
        previous_revenue_usd::numeric(18, 6) as previous_revenue_usd,
        case
            when has_full_previous and days_without_revenue = 0 and previous_revenue_usd > 0
                then {{ ratio('revenue_usd - previous_revenue_usd', 'previous_revenue_usd') }}
        end::numeric(18, 6) as revenue_growth,
        coalesce(cost_usd, 0)::numeric(18, 6) as cost_usd,
        (revenue_usd - coalesce(cost_usd, 0))::numeric(18, 6) as profit_usd,
        {{ ratio('revenue_usd - cost_usd', 'cost_usd') }}::numeric(18, 6) as roi,
        coalesce(videos_published, 0)::bigint as videos_published,
        ({{ ratio('revenue_usd', 'views_with_revenue') }} * 1000)::numeric(18, 6) as rpm,
        {{ ratio('engagements', 'views') }}::numeric(18, 8) as engagement_rate,
        {{ ratio('timed_minutes_watched', 'full_view_minutes') }}::numeric(18, 8)
            as retention_rate,
        impressions::bigint as impressions,
        clicks::bigint as clicks,
        {{ ratio('clicks', 'impressions') }}::numeric(18, 8) as click_through_rate
    from summed

)

select * from measured
