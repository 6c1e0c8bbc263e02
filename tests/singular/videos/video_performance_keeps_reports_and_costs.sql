-- Reconciliation: a published video has the views and the revenue that YouTube reports of it and
-- the cost that the ledger knows, each once.

with reported as (

    select * from {{ ref('int_videos_reported') }}

),

costs as (

    select
        video_id,
        sum(cost_usd) as cost_usd
    from {{ ref('fct_video_costs') }}
    group by video_id

),

videos as (

    select * from {{ ref('video_performance') }}

)

select
    videos.video_id,
    videos.reported_views,
    reported.views as staged_views,
    videos.revenue_usd,
    reported.revenue_usd as staged_revenue_usd,
    videos.cost_usd,
    costs.cost_usd as spent_usd
from videos
left join reported
    on videos.youtube_video_id = reported.youtube_video_id
left join costs
    on videos.video_id = costs.video_id
where
    coalesce(videos.reported_views, 0) <> coalesce(reported.views, 0)
    or coalesce(videos.revenue_usd, 0) <> coalesce(reported.revenue_usd, 0)
    or coalesce(videos.cost_usd, 0) <> coalesce(costs.cost_usd, 0)
