-- Grain: a UTC hour and machine with at least one sample. Definitions: models/docs/operations.md.

with samples as (

    select * from {{ ref('stg_platform__system_metrics') }}
    where recorded_at <= {{ as_of() }}

),

summed as (

    select
        {{ utc_hour('recorded_at') }} as hour_at,
        host,
        count(*) as samples,
        avg(cpu_usage_rate)::numeric(9, 6) as cpu_usage_rate,
        max(cpu_usage_rate)::numeric(9, 6) as peak_cpu_usage_rate,
        avg(gpu_usage_rate)::numeric(9, 6) as gpu_usage_rate,
        max(gpu_usage_rate)::numeric(9, 6) as peak_gpu_usage_rate,
        avg(memory_usage_rate)::numeric(9, 6) as memory_usage_rate,
        max(memory_usage_rate)::numeric(9, 6) as peak_memory_usage_rate,
        min(storage_available_gb)::numeric(18, 2) as storage_available_gb,
        max(queue_depth)::bigint as peak_queue_depth
    from samples
    group by {{ utc_hour('recorded_at') }}, host

)

select * from summed
