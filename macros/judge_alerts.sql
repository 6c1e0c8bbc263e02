{% macro compare_alerts() -%}
-- What was not measured, or rests on too little, is compared as a figure that is in order: Grafana
-- takes a missing row for a broken pipeline.
compared as (

    select
        rules.*,
        coalesce(measures.subject, 'all') as subject,
        measures.measured_value,
        coalesce(measures.basis, 0) as basis,
        case
            when measures.measured_value is not null and measures.basis >= rules.minimum_basis
                then measures.measured_value
            when rules.comparison = 'below' then 1
            else 0
        end as alert_value,
        measures.clock_from_at,
        measures.since_at,
        coalesce(measures.evidence, 'Nothing to measure.') as evidence
    from rules
    left join measures
        on rules.rule_name = measures.rule_name

),

-- Rules of the clock count on between two builds.
timed as (

    select
        *,
        case
            when clock_from_at is null then alert_value
            else extract(epoch from {{ as_of() }} - clock_from_at) / clock_seconds
        end as value_at_build,
        clock_from_at + threshold * clock_seconds * interval '1 second' as fires_at
    from compared

)
{%- endmacro %}


{% macro judge_alerts() -%}
judged as (

    select
        *,
        case comparison
            when 'above' then value_at_build > threshold
            when 'below' then value_at_build < threshold
            else value_at_build > threshold and value_at_build < upper_threshold
        end as is_firing
    from timed

),

final as (

    select
        rule_name,
        subject,
        title,
        severity,
        case severity when 'critical' then 1 else 2 end as severity_rank,
        comparison,
        threshold,
        upper_threshold,
        measured_value,
        value_at_build::numeric(18, 6) as alert_value,
        basis,
        is_firing,
        clock_from_at,
        fires_at,
        case when is_firing then since_at end as since_at,
        evidence,
        runbook,
        {{ as_of() }} as measured_at
    from judged

)
{%- endmacro %}
