-- Grain: a UTC hour, component, model and unit of the call ledger: tokens, characters, seconds.
-- Definitions: models/docs/operations.md.

with entries as (

    select * from {{ ref('stg_platform__cost_ledger') }}
    where occurred_at <= {{ as_of() }}

),

summed as (

    select
        {{ utc_hour('occurred_at') }} as hour_at,
        component,
        coalesce(model, 'unknown') as model_name,
        coalesce(unit, 'unknown') as unit,
        sum(units)::numeric(18, 4) as used_units,
        count(*) as entries,
        sum(cost_usd)::numeric(18, 6) as cost_usd
    from entries
    group by
        {{ utc_hour('occurred_at') }},
        component,
        coalesce(model, 'unknown'),
        coalesce(unit, 'unknown')

)

select * from summed
