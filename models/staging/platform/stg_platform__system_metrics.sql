-- Grain: a sample of one of the platform's machines.

with source as (

    select * from {{ source('platform', 'system_metrics') }}

),

renamed as (

    select
        -- ids
        (payload ->> 'metric_id')::bigint as metric_id,

        -- text
        payload ->> 'host' as host,

        -- numerics
        ((payload ->> 'cpu_usage')::numeric / 100)::numeric(9, 6) as cpu_usage_rate,
        ((payload ->> 'gpu_usage')::numeric / 100)::numeric(9, 6) as gpu_usage_rate,
        ((payload ->> 'memory_usage')::numeric / 100)::numeric(9, 6) as memory_usage_rate,
        (payload ->> 'storage_available_gb')::numeric(10, 2) as storage_available_gb,
        (payload ->> 'queue_depth')::integer as queue_depth,

        -- timestamps
        (payload ->> 'recorded_at')::timestamptz as recorded_at,
        (payload ->> 'updated_at')::timestamptz as updated_at,
        _loaded_at

    from source

)

select * from renamed
