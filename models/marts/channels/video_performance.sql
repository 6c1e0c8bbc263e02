-- Grain: a published video: what YouTube says of it, its cost, and its place among the videos of
-- its niche that are older than a week. Definitions: models/docs/videos.md.

with videos as (

    select * from {{ ref('int_videos_measured') }}

),

benchmarks as (

    select * from {{ ref('niche_benchmarks') }}

),

cost_bands as (

    select * from {{ ref('cost_bands') }}

),

costs as (

    select
        user_id,
        video_id,
        sum(cost_usd) as cost_usd
    from {{ ref('fct_video_costs') }}
    group by user_id, video_id

),

-- What a video cost that the platform did not make is not known.
costed as (

    select
        videos.*,
        coalesce(
            costs.cost_usd, case when videos.made_by_platform then 0 end
        )::numeric(18, 6) as cost_usd
    from videos
    left join costs
        on videos.user_id = costs.user_id and videos.video_id = costs.video_id

),

joined as (

    select
        costed.user_id,
        costed.video_id,
        costed.channel_id,
        costed.youtube_video_id,
        costed.title,
        costed.niche,
        costed.content_type,
        costed.generation_method,
        costed.duration_seconds,
        costed.length_band,
        costed.published_at,
        costed.age_hours,
        costed.is_settled,
        costed.views,
        costed.reported_views,
        costed.views_per_hour,
        costed.latest_day_views,
        costed.view_velocity_per_hour,
        costed.likes,
        costed.comments,
        costed.shares,
        costed.engagement_rate,
        costed.weighted_engagement_score,
        costed.shares_per_1000_views,
        costed.impressions,
        costed.clicks,
        costed.click_through_rate,
        costed.watch_hours,
        costed.average_view_duration_seconds,
        costed.retention_rate,
        costed.revenue_usd,
        costed.rpm,
        costed.cost_usd,
        {{ ratio('costed.cost_usd', 'costed.views') }}::numeric(18, 6) as cost_per_view,
        (costed.revenue_usd - costed.cost_usd)::numeric(18, 6) as profit_usd,
        {{ ratio('costed.revenue_usd - costed.cost_usd', 'costed.cost_usd') }}::numeric(18, 6)
            as roi,
        cost_bands.cost_band,
        cost_bands.is_above_target as is_above_cost_target,
        benchmarks.views_p25 as niche_views_p25,
        benchmarks.views_p50 as niche_views_p50,
        benchmarks.views_p75 as niche_views_p75,
        benchmarks.views_p90 as niche_views_p90,
        {{ ratio('costed.views', 'benchmarks.views_p50') }}::numeric(18, 6)
            as views_to_niche_median_ratio,
        case
            when costed.views >= benchmarks.views_p90 then 'top_10_percent'
            when costed.views >= benchmarks.views_p75 then 'top_25_percent'
            when costed.views >= benchmarks.views_p50 then 'above_average'
            when costed.views >= benchmarks.views_p25 then 'below_average'
            when costed.views < benchmarks.views_p25 then 'bottom_25_percent'
        end as performance_tier
    from costed
    left join benchmarks
        on costed.niche = benchmarks.niche
    left join cost_bands
        on {{ within_band('costed.cost_usd', 'cost_bands') }}

)

-- A user's rows lie side by side, so that their dashboards read some pages and not all of them.
select * from joined
order by user_id, video_id
