-- Grain: a published video: what it earned beside what it cost by component. Revenue, cost, profit
-- and return are those of video_performance; only the breakdown is made here. Definition: the docs
-- block cost_breakdown.

with videos as (

    select
        *,
        -- A video that the platform made and that has no entries cost nothing; what another one
        -- cost is not known.
        case when cost_usd is not null then 0 end as no_cost_usd
    from {{ ref('video_performance') }}

),

costs as (

    select
        user_id,
        video_id,
        sum(cost_usd) filter (where component = 'openai') as openai_cost_usd,
        sum(cost_usd) filter (where component = 'elevenlabs') as elevenlabs_cost_usd,
        sum(cost_usd) filter (where component = 'stability_ai') as stability_ai_cost_usd,
        sum(cost_usd) filter (where component = 'pexels') as pexels_cost_usd,
        sum(cost_usd) filter (where component = 'gpu_compute') as gpu_compute_cost_usd,
        sum(cost_usd) filter (where component = 'cpu_compute') as cpu_compute_cost_usd,
        sum(cost_usd) filter (where component = 'storage') as storage_cost_usd,
        sum(cost_usd) filter (where component = 'other_api') as other_api_cost_usd,
        sum(cost_usd) filter (where component = 'bandwidth') as bandwidth_cost_usd,
        sum(cost_usd) filter (
            where component not in (
                'openai', 'elevenlabs', 'stability_ai', 'pexels', 'gpu_compute', 'cpu_compute',
                'storage', 'other_api', 'bandwidth'
            )
        ) as unknown_component_cost_usd,
        sum(cost_usd) filter (where cost_group = 'ai') as ai_cost_usd,
        sum(cost_usd) filter (where cost_group = 'data') as data_cost_usd,
        sum(cost_usd) filter (where cost_group = 'overhead') as overhead_cost_usd
    from {{ ref('fct_video_costs') }}
    group by user_id, video_id

),

joined as (

    select
        videos.user_id,
        videos.video_id,
        videos.channel_id,
        videos.content_type,
        videos.generation_method,
        {{ utc_date('videos.published_at') }} as published_date,
        videos.revenue_usd,
        coalesce(costs.openai_cost_usd, videos.no_cost_usd)::numeric(18, 6) as openai_cost_usd,
        coalesce(costs.elevenlabs_cost_usd, videos.no_cost_usd)::numeric(18, 6)
            as elevenlabs_cost_usd,
        coalesce(costs.stability_ai_cost_usd, videos.no_cost_usd)::numeric(18, 6)
            as stability_ai_cost_usd,
        coalesce(costs.pexels_cost_usd, videos.no_cost_usd)::numeric(18, 6) as pexels_cost_usd,
        coalesce(costs.gpu_compute_cost_usd, videos.no_cost_usd)::numeric(18, 6)
            as gpu_compute_cost_usd,
        coalesce(costs.cpu_compute_cost_usd, videos.no_cost_usd)::numeric(18, 6)
            as cpu_compute_cost_usd,
        coalesce(costs.storage_cost_usd, videos.no_cost_usd)::numeric(18, 6) as storage_cost_usd,
        coalesce(costs.other_api_cost_usd, videos.no_cost_usd)::numeric(18, 6)
            as other_api_cost_usd,
        coalesce(costs.bandwidth_cost_usd, videos.no_cost_usd)::numeric(18, 6)
            as bandwidth_cost_usd,
        coalesce(costs.unknown_component_cost_usd, videos.no_cost_usd)::numeric(18, 6)
            as unknown_component_cost_usd,
        coalesce(costs.ai_cost_usd, videos.no_cost_usd)::numeric(18, 6) as ai_cost_usd,
        coalesce(costs.data_cost_usd, videos.no_cost_usd)::numeric(18, 6) as data_cost_usd,
        coalesce(costs.overhead_cost_usd, videos.no_cost_usd)::numeric(18, 6) as overhead_cost_usd,
        videos.cost_usd,
        videos.profit_usd,
        videos.roi
    from videos
    left join costs
        on videos.user_id = costs.user_id and videos.video_id = costs.video_id

)

select * from joined
