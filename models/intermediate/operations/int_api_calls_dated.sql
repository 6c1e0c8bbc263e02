-- Grain: a call of the pipeline to a metered API, with its Pacific day and UTC hour. The books are
-- stamped by the machine's clock, which runs on while a run's as-of instant stands still: a call
-- belongs to the past if its run does.

with calls as (

    select * from {{ ref('stg_ops__api_calls') }}

),

runs as (

    select * from {{ ref('stg_ops__runs') }}

),

dated as (

    select
        calls.call_id,
        calls.run_id,
        calls.api_name,
        calls.method_name,
        calls.bucket,
        calls.units,
        calls.is_error,
        coalesce(calls.status_code >= 500, true) as is_server_error,
        calls.reason,
        calls.latency_ms,
        {{ pacific_date('calls.called_at') }} as quota_date,
        {{ utc_hour('calls.called_at') }} as hour_at,
        calls.called_at
    from calls
    left join runs
        on calls.run_id = runs.run_id
    where coalesce(runs.run_as_of_at, calls.called_at) <= {{ as_of() }}

)

select * from dated
