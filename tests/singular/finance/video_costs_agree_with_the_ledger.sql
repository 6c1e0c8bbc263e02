-- Reconciliation with staging: component by component, the mart holds every entry of the ledger
-- that belongs to a video, neither lost nor counted twice.

with jobs as (

    select job_id from {{ ref('stg_platform__video_generation_jobs') }}
    where video_id is not null

),

ledger as (

    select
        component,
        sum(cost_usd) as cost_usd,
        count(*) as entries
    from {{ ref('stg_platform__cost_ledger') }}
    where
        occurred_at <= {{ as_of() }}
        and (video_id is not null or job_id in (select jobs.job_id from jobs))
    group by component

),

mart as (

    select
        component,
        sum(cost_usd) as cost_usd,
        sum(entries) as entries
    from {{ ref('fct_video_costs') }}
    group by component

)

select
    coalesce(ledger.component, mart.component) as component,
    ledger.cost_usd as ledger_cost_usd,
    mart.cost_usd as mart_cost_usd,
    ledger.entries as ledger_entries,
    mart.entries as mart_entries
from ledger
full join mart
    on ledger.component = mart.component
where
    ledger.cost_usd is distinct from mart.cost_usd
    or ledger.entries is distinct from mart.entries
