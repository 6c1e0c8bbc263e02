-- Grain: a day, source and dimension of quality that is known of it. Days of reports are Pacific,
-- others UTC. Definitions: models/docs/quality.md.

with completeness as (

    select
        date_day,
        source_name,
        'completeness' as dimension,
        {{ ratio('sum(present_channels)', 'sum(expected_channels)') }} as measured_rate
    from {{ ref('completeness_days') }}
    group by date_day, source_name

),

channel_reconciliation as (

    select
        days.date_day,
        'youtube_analytics' as source_name,
        'reconciliation' as dimension,
        {{ ratio('count(*) filter (where pairs.is_reconciled)', 'count(*)') }} as measured_rate
    from {{ ref('revenue_views_reconciliation') }} as days
    cross join
        lateral (
            values (days.is_views_reconciled), (days.is_revenue_reconciled)
        ) as pairs (is_reconciled)
    where pairs.is_reconciled is not null
    group by days.date_day

),

provider_reconciliation as (

    select
        date_day,
        provider_name as source_name,
        'reconciliation' as dimension,
        case when is_within_tolerance then 1 else 0 end::numeric as measured_rate
    from {{ ref('provider_cost_reconciliation') }}
    where is_within_tolerance is not null

),

freshness as (

    select
        date_day,
        source_name,
        'freshness' as dimension,
        {{ ratio('fresh_seconds', 'passed_seconds') }} as measured_rate
    from {{ ref('int_source_days_freshened') }}
    where passed_seconds > 0

),

validation as (

    select
        date_day,
        source_name,
        'validation' as dimension,
        validation_pass_rate as measured_rate
    from {{ ref('validation_days') }}

),

anomalies as (

    select
        date_day,
        case metric_name when 'cost' then 'platform' else 'youtube_analytics' end as source_name,
        'anomalies' as dimension,
        {{ ratio('count(*) filter (where not is_anomaly)', 'count(*)') }} as measured_rate
    from {{ ref('metric_anomalies') }}
    group by
        date_day,
        case metric_name when 'cost' then 'platform' else 'youtube_analytics' end

),

together as (

    select * from completeness
    union all
    select * from channel_reconciliation
    union all
    select * from provider_reconciliation
    union all
    select * from freshness
    union all
    select * from validation
    union all
    select * from anomalies

),

final as (

    select
        together.date_day,
        together.source_name,
        together.dimension,
        together.measured_rate::numeric(9, 6) as measured_rate,
        dimensions.target_rate,
        dimensions.weight,
        together.measured_rate >= dimensions.target_rate as is_on_target
    from together
    inner join {{ ref('quality_dimensions') }} as dimensions
        on together.dimension = dimensions.dimension
    where together.measured_rate is not null

)

select * from final
