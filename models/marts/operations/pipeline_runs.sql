-- Grain: a run of the pipeline whose as-of instant is not after the build's. Definitions:
-- models/docs/operations.md.

with runs as (

    select * from {{ ref('stg_ops__runs') }}
    where run_as_of_at <= {{ as_of() }}

),

sources as (

    select
        run_id,
        count(*) filter (where status = 'landed') as landed_sources,
        count(*) filter (where status = 'failed') as failed_sources,
        count(*) filter (where status = 'disabled') as disabled_sources,
        string_agg(source_name, ', ' order by source_name) filter (where status = 'failed')
            as failed_source_names,
        sum(rows_landed) as rows_landed,
        sum(rows_quarantined) as rows_quarantined
    from {{ ref('stg_ops__source_results') }}
    group by run_id

),

batches as (

    select
        run_id,
        count(*) as batches,
        sum(rows_read) as rows_read
    from {{ ref('stg_ops__batches') }}
    group by run_id

),

validations as (

    select
        run_id,
        count(*) as expectations,
        count(*) filter (where not is_passed) as failed_expectations,
        count(*) filter (where not is_passed and is_critical) as failed_critical_expectations
    from {{ ref('stg_ops__validation_results') }}
    group by run_id

),

calls as (

    select
        run_id,
        count(*) as api_calls
    from {{ ref('int_api_calls_dated') }}
    group by run_id

),

final as (

    select
        runs.run_id,
        runs.command,
        runs.status as run_status,
        runs.exit_code,
        runs.message,
        runs.run_as_of_at,
        runs.started_at,
        runs.finished_at,
        extract(epoch from runs.finished_at - runs.started_at)::numeric(18, 3) as duration_seconds,
        coalesce(sources.landed_sources, 0) as landed_sources,
        coalesce(sources.failed_sources, 0) as failed_sources,
        coalesce(sources.disabled_sources, 0) as disabled_sources,
        sources.failed_source_names,
        coalesce(batches.batches, 0) as batches,
        coalesce(batches.rows_read, 0)::bigint as rows_read,
        coalesce(sources.rows_landed, 0)::bigint as rows_landed,
        coalesce(sources.rows_quarantined, 0)::bigint as rows_quarantined,
        coalesce(calls.api_calls, 0) as api_calls,
        coalesce(validations.expectations, 0) as expectations,
        coalesce(validations.failed_expectations, 0) as failed_expectations,
        coalesce(validations.failed_critical_expectations, 0) as failed_critical_expectations
    from runs
    left join sources
        on runs.run_id = sources.run_id
    left join batches
        on runs.run_id = batches.run_id
    left join validations
        on runs.run_id = validations.run_id
    left join calls
        on runs.run_id = calls.run_id

)

select * from final
