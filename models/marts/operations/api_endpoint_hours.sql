-- Grain: a UTC hour, service, method and endpoint with at least one call: the platform's own API,
-- and the APIs that the pipeline calls. Definitions: models/docs/operations.md.

with calls as (

    select * from {{ ref('int_service_calls_timed') }}

),

summed as (

    select
        hour_at,
        service,
        http_method,
        endpoint,
        count(*) as calls,
        count(*) filter (where is_error) as errors,
        count(*) filter (where is_server_error) as server_errors,
        sum(latency_ms)::bigint as latency_ms,
        percentile_cont(0.95) within group (order by latency_ms)::numeric(18, 4) as p95_latency_ms
    from calls
    group by hour_at, service, http_method, endpoint

),

final as (

    select
        hour_at,
        service,
        endpoint,
        http_method,
        calls,
        errors,
        server_errors,
        latency_ms as total_latency_ms,
        {{ ratio('latency_ms', 'calls') }}::numeric(18, 4) as average_latency_ms,
        p95_latency_ms,
        {{ ratio('errors', 'calls') }}::numeric(9, 6) as error_rate,
        {{ ratio('server_errors', 'calls') }}::numeric(9, 6) as server_error_rate
    from summed

)

select * from final
