-- Grain: a rule about the pipeline and its data, and what was measured for it; a rule of which
-- nothing is known has no row. Definitions: models/docs/alerts.md.

with source_stale as (

    select
        'source_stale' as rule_name,
        source_name as subject,
        null::numeric as measured_value,
        count(*) as basis,
        coalesce(max(fresh_until_at), {{ as_of() }}) as clock_from_at,
        max(fresh_until_at) as since_at,
        coalesce('Last read at ' || max(to_char(
            last_read_at at time zone 'utc', 'YYYY-MM-DD HH24:MI'
        )) || ' UTC', 'Never read') || ', promised every ' || min(promised_minutes)
        || ' minutes.' as evidence
    from {{ ref('source_freshness') }}
    where last_status <> 'disabled'
    group by source_name

),

runs as (

    select
        *,
        run_status in ('failed', 'interrupted') or failed_sources > 0 as is_bad,
        max(started_at) filter (
            where run_status = 'succeeded' and failed_sources = 0
        ) over () as last_good_at
    from {{ ref('pipeline_runs') }}

),

failed_run as (

    select
        'failed_run' as rule_name,
        'pipeline' as subject,
        count(*) as measured_value,
        count(*) as basis,
        null::timestamptz as clock_from_at,
        min(started_at) as since_at,
        count(*) || ' runs failed since the last good one, in part or whole. '
        || coalesce(
            (array_agg(message order by started_at desc) filter (where message <> ''))[1], ''
        ) as evidence
    from runs
    where is_bad and (last_good_at is null or started_at > last_good_at)

),

isolation_breach as (

    select
        'isolation_breach' as rule_name,
        'tenants' as subject,
        coalesce(sum(foreign_rows), 0) as measured_value,
        count(*) as basis,
        null::timestamptz as clock_from_at,
        min(checked_at) filter (where not is_isolated) as since_at,
        count(*) filter (where not is_isolated) || ' of ' || count(*)
        || ' roles and relations show foreign rows.' as evidence
    from {{ ref('isolation_checks') }}
    where is_latest

),

validated as (

    select
        results.*,
        runs.started_at,
        max(runs.started_at) over (partition by results.source_name) as last_started_at
    from {{ ref('stg_ops__validation_results') }} as results
    inner join runs
        on results.run_id = runs.run_id

),

validation_failure as (

    select
        'validation_failure' as rule_name,
        source_name as subject,
        count(*) filter (where is_critical and not is_passed) as measured_value,
        count(*) as basis,
        null::timestamptz as clock_from_at,
        min(checked_at) filter (where is_critical and not is_passed) as since_at,
        count(*) filter (where is_critical and not is_passed) || ' critical and '
        || count(*) filter (where not is_critical and not is_passed) || ' other of ' || count(*)
        || ' expectations were not met.' as evidence
    from validated
    where started_at = last_started_at
    group by source_name

),

no_run as (

    select
        'no_run' as rule_name,
        'pipeline' as subject,
        null::numeric as measured_value,
        1::bigint as basis,
        {{ as_of() }} as clock_from_at,
        {{ as_of() }} as since_at,
        'The figures are of ' || to_char({{ as_of() }} at time zone 'utc', 'YYYY-MM-DD HH24:MI')
        || ' UTC.' as evidence

),

together as (

    select * from source_stale
    union all
    select * from failed_run
    union all
    select * from isolation_breach
    union all
    select * from validation_failure
    union all
    select * from no_run

),

final as (

    select
        rule_name,
        subject,
        measured_value::numeric(18, 6) as measured_value,
        basis,
        clock_from_at,
        since_at,
        evidence
    from together

)

select * from final
