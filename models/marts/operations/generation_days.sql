-- Grain: a UTC day on which generation jobs were created. Definitions: models/docs/operations.md.

with days as (

    select * from {{ ref('int_generation_days_summed') }}
    where is_total

),

final as (

    select
        date_day,
        jobs,
        succeeded_jobs,
        failed_jobs,
        open_jobs,
        retried_jobs,
        generation_success_rate,
        retry_rate,
        average_generation_minutes,
        median_generation_minutes,
        p95_generation_minutes,
        videos,
        generated_videos,
        generation_cost_usd,
        cost_per_generated_video_usd,
        share_of_generated_videos_at_target_cost,
        average_quality_score,
        average_cpu_seconds,
        average_gpu_seconds,
        average_peak_memory_mb,
        cpu_seconds,
        gpu_seconds,
        peak_memory_mb
    from days

)

select * from final
