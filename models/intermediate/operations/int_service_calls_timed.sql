-- Grain: a call up to the as-of instant: to the platform's own API, or of the pipeline to an API
-- that it reads. Definitions: models/docs/operations.md.

with platform_calls as (

    select
        log_id::text as call_id,
        {{ utc_hour('occurred_at') }} as hour_at,
        'platform' as service,
        method as http_method,
        endpoint,
        response_time_ms as latency_ms,
        status_code >= 400 as is_error,
        status_code >= 500 as is_server_error
    from {{ ref('stg_platform__api_logs') }}
    where occurred_at <= {{ as_of() }}

),

pipeline_calls as (

    select
        call_id::text as call_id,
        hour_at,
        api_name as service,
        'CALL' as http_method,
        method_name as endpoint,
        latency_ms,
        is_error,
        is_server_error
    from {{ ref('int_api_calls_dated') }}

),

together as (

    select * from platform_calls
    union all
    select * from pipeline_calls

)

select * from together
