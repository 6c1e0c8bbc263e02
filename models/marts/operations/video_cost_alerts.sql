-- Grain: a video, published or not, that cost more than 2.50 US dollars so far. Definitions:
-- models/docs/costs.md.

with costs as (

    select
        user_id,
        video_id,
        sum(cost_usd) as cost_usd,
        max(cost_date) as last_cost_date
    from {{ ref('fct_video_costs') }}
    group by user_id, video_id

),

levels as (

    select * from {{ ref('cost_alert_levels') }}
    where alert_level <> 'none'

),

videos as (

    select * from {{ ref('dim_videos') }}

),

final as (

    select
        costs.user_id,
        costs.video_id,
        videos.channel_id,
        videos.title,
        videos.content_type,
        videos.generation_method,
        videos.status,
        videos.queued_at,
        videos.published_at,
        costs.last_cost_date,
        levels.alert_level as cost_alert_level,
        costs.cost_usd::numeric(18, 6) as cost_usd
    from costs
    inner join levels
        on {{ within_band('costs.cost_usd', 'levels') }}
    inner join videos
        on costs.user_id = videos.user_id and costs.video_id = videos.video_id

)

select * from final
