-- Costs by day and component are the ledger's; with the unallocated rows they are what providers
-- charged on the days they have told; bands and groups of published videos are the costs of these
-- videos; usage by hour is the ledger's. No cost is lost and none counted twice: what is found less
-- what is expected is 0 in every part.

with amounts as (

    select
        'the days are the ledger' as identity,
        date_day::text || ' ' || component as part,
        cost_usd
    from {{ ref('cost_days') }}
    where is_allocated

    union all

    select
        'the days are the ledger' as identity,
        {{ utc_date('occurred_at') }}::text || ' ' || component as part,
        -cost_usd as cost_usd
    from {{ ref('stg_platform__cost_ledger') }}
    where occurred_at <= {{ as_of() }}

    union all

    select
        'with the unallocated it is what the provider charged' as identity,
        days.date_day::text || ' ' || days.component as part,
        days.cost_usd
    from {{ ref('cost_days') }} as days
    inner join {{ ref('provider_cost_reconciliation') }} as told
        on days.date_day = told.date_day and days.component = told.component
    where told.unallocated_cost_usd is not null

    union all

    select
        'with the unallocated it is what the provider charged' as identity,
        date_day::text || ' ' || component as part,
        -provider_cost_usd as cost_usd
    from {{ ref('provider_cost_reconciliation') }}
    where unallocated_cost_usd is not null

    union all

    select
        'bands are the published videos' as identity,
        date_day::text || ' ' || cost_band as part,
        cost_usd
    from {{ ref('cost_band_days') }}

    union all

    select
        'bands are the published videos' as identity,
        {{ utc_date('published_at') }}::text || ' ' || cost_band as part,
        -cost_usd as cost_usd
    from {{ ref('video_performance') }}
    where cost_usd is not null

    union all

    select
        'groups are the bands' as identity,
        date_day::text as part,
        cost_usd
    from {{ ref('cost_group_days') }}

    union all

    select
        'groups are the bands' as identity,
        date_day::text as part,
        -cost_usd as cost_usd
    from {{ ref('cost_band_days') }}

    union all

    select
        'the hours are the days' as identity,
        {{ utc_date('hour_at') }}::text || ' ' || component as part,
        cost_usd
    from {{ ref('provider_usage_hours') }}

    union all

    select
        'the hours are the days' as identity,
        date_day::text || ' ' || component as part,
        -cost_usd as cost_usd
    from {{ ref('cost_days') }}
    where is_allocated

)

select
    identity,
    part,
    sum(cost_usd) as difference_usd
from amounts
group by identity, part
having sum(cost_usd) is distinct from 0
