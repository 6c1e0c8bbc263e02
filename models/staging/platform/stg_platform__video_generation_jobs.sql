-- Grain: a generation job.

with source as (

    select * from {{ source('platform', 'video_generation_jobs') }}

),

renamed as (

    select
        -- ids
        (payload ->> 'job_id')::uuid as job_id,
        (payload ->> 'video_id')::uuid as video_id,
        (payload ->> 'channel_id')::uuid as channel_id,

        -- text
        payload ->> 'topic' as topic,
        payload ->> 'style' as style,
        payload ->> 'current_stage' as current_stage,
        payload ->> 'status' as status,
        payload ->> 'error_message' as error_message,
        payload -> 'stages_completed' as stages_completed,
        payload -> 'stage_timings' as stage_timings,

        -- numerics
        (payload ->> 'priority')::integer as priority,
        (payload ->> 'target_duration_seconds')::integer as target_duration_seconds,
        ((payload ->> 'progress_percentage')::numeric / 100)::numeric(9, 6) as progress_rate,
        (payload ->> 'retry_count')::integer as retry_count,
        (payload ->> 'quality_score')::numeric(5, 2) as quality_score,
        (payload ->> 'cpu_seconds_used')::numeric(10, 2) as cpu_seconds,
        (payload ->> 'gpu_seconds_used')::numeric(10, 2) as gpu_seconds,
        (payload ->> 'memory_mb_peak')::integer as peak_memory_mb,

        -- timestamps
        (payload ->> 'created_at')::timestamptz as created_at,
        (payload ->> 'started_at')::timestamptz as started_at,
        (payload ->> 'completed_at')::timestamptz as completed_at,
        (payload ->> 'failed_at')::timestamptz as failed_at,
        (payload ->> 'updated_at')::timestamptz as updated_at,
        _loaded_at

    from source

)

select * from renamed
