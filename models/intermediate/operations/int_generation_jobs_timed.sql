-- Grain: a generation job up to the as-of instant, as it stood then: what ended later still ran.

with jobs as (

    select
        *,
        coalesce(completed_at, case when status = 'completed' then updated_at end) as succeeded_at,
        coalesce(failed_at, case when status = 'failed' then updated_at end) as gave_up_at
    from {{ ref('stg_platform__video_generation_jobs') }}
    where created_at <= {{ as_of() }}

),

videos as (

    select * from {{ ref('stg_platform__videos') }}

),

joined as (

    select
        jobs.*,
        coalesce(videos.content_type, 'unknown') as content_type,
        coalesce(videos.generation_method, 'unknown') as generation_method,
        case
            when jobs.succeeded_at <= {{ as_of() }} then 'succeeded'
            when jobs.gave_up_at <= {{ as_of() }} then 'failed'
            when jobs.started_at <= {{ as_of() }} then 'running'
            else 'waiting'
        end as job_state
    from jobs
    left join videos
        on jobs.video_id = videos.video_id

),

timed as (

    select
        job_id,
        video_id,
        content_type,
        generation_method,
        job_state,
        stage_timings,
        coalesce(retry_count, 0) > 0 as is_retry,
        {{ utc_date('created_at') }} as created_date,
        created_at,
        case when job_state <> 'waiting' then started_at end as started_at,
        case job_state when 'succeeded' then succeeded_at when 'failed' then gave_up_at end
            as ended_at,
        case
            when job_state = 'succeeded' then extract(epoch from succeeded_at - started_at) / 60
        end::numeric(18, 6) as generation_minutes,
        case when job_state = 'succeeded' then quality_score end::numeric(5, 2) as quality_score,
        case when job_state in ('succeeded', 'failed') then cpu_seconds end::numeric(10, 2)
            as cpu_seconds,
        case when job_state in ('succeeded', 'failed') then gpu_seconds end::numeric(10, 2)
            as gpu_seconds,
        case when job_state in ('succeeded', 'failed') then peak_memory_mb end as peak_memory_mb
    from joined

)

select * from timed
