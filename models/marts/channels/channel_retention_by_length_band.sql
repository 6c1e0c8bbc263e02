-- Grain: a channel and length band of its published videos. Rates are weighted by their own base.
-- Definitions: models/docs/channels.md.

with videos as (

    select * from {{ ref('video_performance') }}
    where length_band is not null

),

minimums as (

    select minimum_count from {{ ref('minimum_samples') }}
    where sample = 'length_band_videos'

),

summed as (

    select
        user_id,
        channel_id,
        length_band,
        count(*) as videos,
        count(retention_rate) as videos_with_retention,
        sum(reported_views)::bigint as views,
        sum(watch_hours) as watch_hours,
        sum(reported_views * duration_seconds)
        filter (where retention_rate is not null) as full_view_seconds,
        sum(reported_views * average_view_duration_seconds)
        filter (where retention_rate is not null) as viewed_seconds,
        percentile_cont(0.5) within group (order by retention_rate) as median_retention_rate,
        percentile_cont(0.5) within group (order by views) filter (where is_settled)
            as median_views,
        sum(likes + comments + shares) as engagements,
        sum(revenue_usd) as revenue_usd,
        sum(reported_views) filter (where revenue_usd is not null) as views_with_revenue,
        sum(cost_usd) filter (where profit_usd is not null) as cost_usd,
        sum(profit_usd) as profit_usd
    from videos
    group by user_id, channel_id, length_band

),

ranked as (

    select
        summed.*,
        {{ ratio('summed.viewed_seconds', 'summed.full_view_seconds') }} as retention_rate,
        summed.videos_with_retention >= minimums.minimum_count as is_comparable
    from summed
    cross join minimums

),

final as (

    select
        user_id,
        channel_id,
        length_band,
        videos,
        videos_with_retention,
        views,
        watch_hours::numeric(18, 6) as watch_hours,
        retention_rate::numeric(18, 8) as retention_rate,
        median_retention_rate::numeric(18, 8) as median_retention_rate,
        median_views::numeric(18, 2) as median_views,
        {{ ratio('engagements', 'views') }}::numeric(18, 8) as engagement_rate,
        revenue_usd::numeric(18, 6) as revenue_usd,
        {{ ratio('revenue_usd * 1000', 'views_with_revenue') }}::numeric(18, 6) as rpm,
        {{ ratio('profit_usd', 'cost_usd') }}::numeric(18, 6) as roi,
        is_comparable,
        is_comparable
        and row_number() over best = 1
        and count(*) filter (where is_comparable) over (partition by user_id, channel_id) > 1
            as is_best
    from ranked
    window best as (
        partition by user_id, channel_id, is_comparable
        order by retention_rate desc nulls last, videos_with_retention desc, length_band asc
    )

)

select * from final
