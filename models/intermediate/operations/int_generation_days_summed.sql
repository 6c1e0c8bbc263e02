-- Grain: a UTC day of jobs, once as a whole (`is_total`, content type and method 'all') and once by
-- content type and generation method: medians of the parts do not give that of the whole.
-- Definitions: models/docs/operations.md.

{{ config(materialized='table') }}

with jobs as (

    select * from {{ ref('int_generation_jobs_timed') }}

),

cost_bands as (

    select * from {{ ref('cost_bands') }}

),

costs as (

    select
        video_id,
        sum(cost_usd) as cost_usd
    from {{ ref('fct_video_costs') }}
    group by video_id

),

-- A video belongs to the day of its first job, with all that it cost.
videos as (

    select
        jobs.video_id,
        jobs.content_type,
        jobs.generation_method,
        min(jobs.created_date) as created_date,
        bool_or(jobs.job_state = 'succeeded') as is_generated,
        coalesce(min(costs.cost_usd), 0) as cost_usd
    from jobs
    left join costs
        on jobs.video_id = costs.video_id
    where jobs.video_id is not null
    group by jobs.video_id, jobs.content_type, jobs.generation_method

),

jobs_summed as (

    select
        created_date as date_day,
        grouping(content_type) = 1 as is_total,
        case when grouping(content_type) = 1 then 'all' else content_type end as content_type,
        case when grouping(generation_method) = 1 then 'all' else generation_method end
            as generation_method,
        count(*) as jobs,
        count(*) filter (where job_state = 'succeeded') as succeeded_jobs,
        count(*) filter (where job_state = 'failed') as failed_jobs,
        count(*) filter (where is_retry) as retried_jobs,
        avg(generation_minutes) as average_generation_minutes,
        percentile_cont(0.5) within group (order by generation_minutes)
            as median_generation_minutes,
        percentile_cont(0.95) within group (order by generation_minutes) as p95_generation_minutes,
        avg(quality_score) as average_quality_score,
        avg(cpu_seconds) as average_cpu_seconds,
        avg(gpu_seconds) as average_gpu_seconds,
        avg(peak_memory_mb) as average_peak_memory_mb,
        sum(cpu_seconds) as cpu_seconds,
        sum(gpu_seconds) as gpu_seconds,
        max(peak_memory_mb) as peak_memory_mb
    from jobs
    group by grouping sets ((created_date), (created_date, content_type, generation_method))

),

videos_summed as (

    select
        videos.created_date as date_day,
        case when grouping(videos.content_type) = 1 then 'all' else videos.content_type end
            as content_type,
        case
            when grouping(videos.generation_method) = 1 then 'all' else videos.generation_method
        end as generation_method,
        count(*) as videos,
        count(*) filter (where videos.is_generated) as generated_videos,
        count(*) filter (where videos.is_generated and not cost_bands.is_above_target)
            as videos_at_target_cost,
        sum(videos.cost_usd) as cost_usd,
        sum(videos.cost_usd) filter (where videos.is_generated) as generated_cost_usd
    from videos
    left join cost_bands
        on {{ within_band('videos.cost_usd', 'cost_bands') }}
    group by
        grouping sets (
            (videos.created_date),
            (videos.created_date, videos.content_type, videos.generation_method)
        )

),

joined as (

    select
        jobs_summed.date_day,
        jobs_summed.is_total,
        jobs_summed.content_type,
        jobs_summed.generation_method,
        jobs_summed.jobs,
        jobs_summed.succeeded_jobs,
        jobs_summed.failed_jobs,
        jobs_summed.jobs - jobs_summed.succeeded_jobs - jobs_summed.failed_jobs as open_jobs,
        jobs_summed.retried_jobs,
        {{ ratio('succeeded_jobs', 'succeeded_jobs + failed_jobs') }}::numeric(9, 6)
            as generation_success_rate,
        {{ ratio('retried_jobs', 'jobs') }}::numeric(9, 6) as retry_rate,
        jobs_summed.average_generation_minutes::numeric(18, 4) as average_generation_minutes,
        jobs_summed.median_generation_minutes::numeric(18, 4) as median_generation_minutes,
        jobs_summed.p95_generation_minutes::numeric(18, 4) as p95_generation_minutes,
        coalesce(videos_summed.videos, 0) as videos,
        coalesce(videos_summed.generated_videos, 0) as generated_videos,
        coalesce(videos_summed.cost_usd, 0)::numeric(18, 6) as generation_cost_usd,
        {{ ratio('generated_cost_usd', 'generated_videos') }}::numeric(18, 6)
            as cost_per_generated_video_usd,
        {{ ratio('videos_at_target_cost', 'generated_videos') }}::numeric(9, 6)
            as share_of_generated_videos_at_target_cost,
        jobs_summed.average_quality_score::numeric(9, 4) as average_quality_score,
        jobs_summed.average_cpu_seconds::numeric(18, 4) as average_cpu_seconds,
        jobs_summed.average_gpu_seconds::numeric(18, 4) as average_gpu_seconds,
        jobs_summed.average_peak_memory_mb::numeric(18, 4) as average_peak_memory_mb,
        coalesce(jobs_summed.cpu_seconds, 0)::numeric(18, 2) as cpu_seconds,
        coalesce(jobs_summed.gpu_seconds, 0)::numeric(18, 2) as gpu_seconds,
        jobs_summed.peak_memory_mb
    from jobs_summed
    left join videos_summed
        on
            jobs_summed.date_day = videos_summed.date_day
            and jobs_summed.content_type = videos_summed.content_type
            and jobs_summed.generation_method = videos_summed.generation_method

)

select * from joined
