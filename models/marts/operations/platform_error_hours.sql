-- Grain: a UTC hour, service of the platform and severity with at least one error logged.
-- Definitions: models/docs/operations.md.

with logged as (

    select * from {{ ref('stg_platform__error_logs') }}
    where occurred_at <= {{ as_of() }}

),

summed as (

    select
        {{ utc_hour('occurred_at') }} as hour_at,
        service,
        severity,
        count(*) as logged_errors,
        max(occurred_at) as last_occurred_at
    from logged
    group by {{ utc_hour('occurred_at') }}, service, severity

)

select * from summed
