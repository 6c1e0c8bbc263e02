-- Grain: a source and stream that was landed, or a source that never was (stream 'none').
-- Definitions: models/docs/quality.md.

with runs as (

    select * from {{ ref('stg_ops__runs') }}
    where run_as_of_at <= {{ as_of() }}

),

results as (

    select
        results.source_name,
        results.status,
        runs.run_as_of_at,
        row_number() over (
            partition by results.source_name order by runs.run_as_of_at desc, runs.started_at desc
        ) as position
    from {{ ref('stg_ops__source_results') }} as results
    inner join runs
        on results.run_id = runs.run_id

),

last_results as (

    select * from results
    where position = 1

),

readings as (

    select
        source_name,
        max(read_at) as last_read_at
    from {{ ref('int_sources_read') }}
    group by source_name

),

promises as (

    select * from {{ ref('freshness_promises') }}

),

streams as (

    select
        batches.source_name,
        batches.stream_name,
        max(runs.run_as_of_at) filter (where batches.rows_landed > 0) as last_changed_at,
        sum(batches.rows_quarantined) as rows_quarantined
    from {{ ref('stg_ops__batches') }} as batches
    inner join runs
        on batches.run_id = runs.run_id
    group by batches.source_name, batches.stream_name

),

joined as (

    select
        last_results.source_name,
        coalesce(streams.stream_name, 'none') as stream_name,
        coalesce(promises.freshness_tier, 'standard') as freshness_tier,
        coalesce(promises.promised_minutes, 360) as promised_minutes,
        last_results.status as last_status,
        readings.last_read_at,
        streams.last_changed_at,
        coalesce(streams.rows_quarantined, 0)::bigint as rows_quarantined
    from last_results
    left join streams
        on last_results.source_name = streams.source_name
    left join readings
        on last_results.source_name = readings.source_name
    left join promises
        on last_results.source_name = promises.source_name

),

final as (

    select
        source_name,
        stream_name,
        freshness_tier,
        promised_minutes,
        last_status,
        last_read_at,
        last_changed_at,
        last_read_at + promised_minutes * interval '1 minute' as fresh_until_at,
        (extract(epoch from {{ as_of() }} - last_read_at) / 60)::numeric(18, 2) as age_minutes,
        coalesce(
            last_read_at + promised_minutes * interval '1 minute' >= {{ as_of() }}, false
        ) as is_fresh,
        rows_quarantined
    from joined

)

select * from final
