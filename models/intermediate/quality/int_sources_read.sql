-- Grain: a source and instant at which it was read in full, up to the as-of instant, with how long
-- its data stayed fresh by the promise of its tier: until the next reading, at most as promised.
-- The instant is the run's as-of instant: what its data belong to.

with results as (

    select * from {{ ref('stg_ops__source_results') }}
    where status = 'landed'

),

runs as (

    select * from {{ ref('stg_ops__runs') }}
    where run_as_of_at <= {{ as_of() }}

),

promises as (

    select * from {{ ref('freshness_promises') }}

),

readings as (

    select distinct
        results.source_name,
        coalesce(promises.freshness_tier, 'standard') as freshness_tier,
        coalesce(promises.promised_minutes, 360) as promised_minutes,
        runs.run_as_of_at as read_at
    from results
    inner join runs
        on results.run_id = runs.run_id
    left join promises
        on results.source_name = promises.source_name

),

final as (

    select
        source_name,
        freshness_tier,
        promised_minutes,
        read_at,
        read_at + promised_minutes * interval '1 minute' as promised_until_at,
        least(
            read_at + promised_minutes * interval '1 minute',
            lead(read_at) over (partition by source_name order by read_at),
            {{ as_of() }}
        ) as fresh_until_at
    from readings

)

select * from final
