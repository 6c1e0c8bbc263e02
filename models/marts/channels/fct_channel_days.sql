-- Grain: a channel and Pacific day, every day from the channel's first report, cost or publication
-- to the last day that YouTube has reported of any channel, so that trends have no holes.
-- Between a channel's first and last report a day without one counts 0; outside, figures are not
-- known and NULL. Definitions: models/docs/channels.md.

with channels as (

    select * from {{ ref('dim_channels') }}

),

reports as (

    select * from {{ ref('int_channel_days_reported') }}

),

video_reports as (

    select * from {{ ref('int_video_days_summed_to_channel_days') }}

),

reach as (

    select
        youtube_channel_id,
        report_date,
        sum(impressions)::bigint as impressions,
        sum(clicks)::bigint as clicks
    from {{ ref('int_video_days_reached') }}
    group by youtube_channel_id, report_date

),

days as (

    select * from {{ ref('int_channel_days_spined') }}

),

joined as (

    select
        days.*,
        channels.is_monetised,
        reports.*,
        -- What an absent figure means.
        case
            when
                reports.report_date is null
                and days.date_day between channels.first_report_date and channels.last_report_date
                then 0
        end as absent,
        reach.impressions,
        reach.clicks,
        coalesce(video_reports.timed_minutes_watched, 0) as timed_minutes_watched,
        coalesce(video_reports.full_view_minutes, 0)::numeric(18, 6) as full_view_minutes
    from days
    inner join channels
        on days.user_id = channels.user_id and days.channel_id = channels.channel_id
    left join reports
        on
            channels.youtube_channel_id = reports.youtube_channel_id
            and days.date_day = reports.report_date
    left join video_reports
        on
            channels.youtube_channel_id = video_reports.youtube_channel_id
            and days.date_day = video_reports.report_date
    left join reach
        on
            channels.youtube_channel_id = reach.youtube_channel_id
            and days.date_day = reach.report_date

),

filled as (

    select
        user_id,
        channel_id,
        date_day,
        coalesce(has_core_report, false) as is_reported,
        coalesce(views, absent) as views,
        coalesce(engaged_views, absent) as engaged_views,
        coalesce(minutes_watched, absent) as minutes_watched,
        average_view_percentage,
        coalesce(likes, absent) as likes,
        coalesce(dislikes, absent) as dislikes,
        coalesce(comments, absent) as comments,
        coalesce(shares, absent) as shares,
        coalesce(subscribers_gained, absent) as subscribers_gained,
        coalesce(subscribers_lost, absent) as subscribers_lost,
        case when is_monetised then coalesce(revenue_usd, absent) else 0 end as revenue_usd,
        case when is_monetised then coalesce(ad_revenue_usd, absent) else 0 end as ad_revenue_usd,
        cost_usd,
        videos_published,
        impressions,
        clicks,
        timed_minutes_watched,
        full_view_minutes
    from joined

),

final as (

    select
        user_id,
        channel_id,
        date_day,
        is_reported,
        views,
        engaged_views,
        minutes_watched,
        (minutes_watched / 60.0)::numeric(18, 6) as watch_hours,
        average_view_percentage,
        likes,
        dislikes,
        comments,
        shares,
        {{ ratio('likes + comments + shares', 'views') }}::numeric(18, 8) as engagement_rate,
        subscribers_gained,
        subscribers_lost,
        subscribers_gained - subscribers_lost as subscribers_net,
        revenue_usd::numeric(18, 6) as revenue_usd,
        ad_revenue_usd::numeric(18, 6) as ad_revenue_usd,
        cost_usd,
        (revenue_usd - cost_usd)::numeric(18, 6) as profit_usd,
        {{ ratio('revenue_usd - cost_usd', 'cost_usd') }}::numeric(18, 6) as roi,
        videos_published,
        impressions,
        clicks,
        {{ ratio('clicks', 'impressions') }}::numeric(18, 8) as click_through_rate,
        timed_minutes_watched,
        full_view_minutes
    from filled

)

select * from final
