-- Grain: a UTC day (of the runs' as-of instants) and source whose landed rows were checked.
-- Definitions: models/docs/quality.md.

with results as (

    select
        results.*,
        {{ utc_date('runs.run_as_of_at') }} as date_day
    from {{ ref('stg_ops__validation_results') }} as results
    inner join {{ ref('stg_ops__runs') }} as runs
        on results.run_id = runs.run_id
    where runs.run_as_of_at <= {{ as_of() }}

),

summed as (

    select
        date_day,
        source_name,
        count(*) as expectations,
        count(*) filter (where is_passed) as passed_expectations,
        count(*) filter (where is_critical and not is_passed) as failed_critical_expectations,
        coalesce(sum(rows_checked), 0)::bigint as rows_checked,
        coalesce(sum(rows_unexpected), 0)::bigint as rows_unexpected
    from results
    group by date_day, source_name

),

final as (

    select
        date_day,
        source_name,
        expectations,
        passed_expectations,
        failed_critical_expectations,
        rows_checked,
        rows_unexpected,
        {{ ratio('passed_expectations', 'expectations') }}::numeric(9, 6) as validation_pass_rate,
        {{ ratio('rows_checked - rows_unexpected', 'rows_checked') }}::numeric(9, 6)
            as row_pass_rate
    from summed

)

select * from final
