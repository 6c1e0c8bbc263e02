-- Grain: a UTC hour and service with at least one call, all its endpoints together: percentiles of
-- endpoints cannot be put together. Definitions: models/docs/operations.md.

with calls as (

    select * from {{ ref('int_service_calls_timed') }}

),

summed as (

    select
        hour_at,
        service,
        count(*) as calls,
        avg(latency_ms)::numeric(18, 4) as average_latency_ms,
        percentile_cont(0.95) within group (order by latency_ms)::numeric(18, 4) as p95_latency_ms
    from calls
    group by hour_at, service

)

select * from summed
