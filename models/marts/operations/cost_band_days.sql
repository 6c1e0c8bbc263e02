-- Grain: a UTC day of publication, content type, generation method and cost band. Definitions:
-- models/docs/costs.md.

with videos as (

    select
        {{ utc_date('published_at') }} as date_day,
        coalesce(content_type, 'unknown') as content_type,
        coalesce(generation_method, 'unknown') as generation_method,
        cost_band,
        is_above_cost_target,
        cost_usd,
        revenue_usd,
        views
    from {{ ref('video_performance') }}
    where cost_band is not null

),

summed as (

    select
        date_day,
        content_type,
        generation_method,
        cost_band,
        bool_and(is_above_cost_target) as is_above_cost_target,
        count(*) as videos,
        sum(cost_usd)::numeric(18, 6) as cost_usd,
        sum(revenue_usd)::numeric(18, 6) as revenue_usd,
        sum(views)::bigint as views
    from videos
    group by date_day, content_type, generation_method, cost_band

)

select * from summed
