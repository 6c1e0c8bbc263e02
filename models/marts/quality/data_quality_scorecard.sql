-- Grain: a day and source of which at least one dimension of quality is known. Definitions:
-- models/docs/quality.md.

with measured as (

    select * from {{ ref('quality_dimension_days') }}

),

pivoted as (

    select
        date_day,
        source_name,
        (max(measured_rate) filter (where dimension = 'completeness'))::numeric(9, 6)
            as completeness_rate,
        (max(measured_rate) filter (where dimension = 'reconciliation'))::numeric(9, 6)
            as reconciliation_rate,
        (max(measured_rate) filter (where dimension = 'freshness'))::numeric(9, 6)
            as freshness_rate,
        (max(measured_rate) filter (where dimension = 'validation'))::numeric(9, 6)
            as validation_pass_rate,
        (max(measured_rate) filter (where dimension = 'anomalies'))::numeric(9, 6)
            as anomaly_free_rate,
        {{ ratio('sum(weight * measured_rate)', 'sum(weight)') }}::numeric(9, 6)
            as data_quality_score,
        count(*) as known_dimensions,
        count(*) filter (where not is_on_target) as missed_targets,
        string_agg(dimension, ', ' order by dimension) filter (where not is_on_target)
            as missed_dimensions
    from measured
    group by date_day, source_name

)

select * from pivoted
