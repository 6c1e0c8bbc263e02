-- Reconciliation with staging, to the last digit: the months hold every entry of the call ledger,
-- every cost of delivery that the seed names, and every cost of marketing, once.

with margins as (

    select
        coalesce(sum(video_cost_usd), 0) as video_cost_usd,
        coalesce(sum(platform_cost_usd), 0) as platform_cost_usd,
        coalesce(sum(payment_cost_usd), 0) as payment_cost_usd
    from {{ ref('gross_margin_monthly') }}

),

ledger as (

    select coalesce(sum(cost_usd), 0) as cost_usd
    from {{ ref('stg_platform__cost_ledger') }}
    where occurred_at <= {{ as_of() }}

),

files as (

    select
        'infrastructure' as cost_source,
        component as cost_category,
        sum(cost_usd) as cost_usd
    from {{ ref('stg_costs__infrastructure') }}
    where cost_date <= {{ as_of_date() }}
    group by component
    union all
    select
        'expenses' as cost_source,
        category as cost_category,
        sum(amount_usd) as cost_usd
    from {{ ref('stg_costs__expenses') }}
    where expense_date <= {{ as_of_date() }}
    group by category

),

delivery as (

    select
        coalesce(sum(files.cost_usd) filter (where seed.delivery_group = 'platform'), 0)
            as platform_cost_usd,
        coalesce(sum(files.cost_usd) filter (where seed.delivery_group = 'payment'), 0)
            as payment_cost_usd
    from files
    inner join {{ ref('delivery_costs') }} as seed
        on files.cost_source = seed.cost_source and files.cost_category = seed.cost_category

),

marketing as (

    select coalesce(sum(amount_usd), 0) as marketing_cost_usd
    from {{ ref('stg_costs__expenses') }}
    where
        expense_date <= {{ as_of_date() }}
        and (
            department in ('marketing', 'sales')
            or category in ('paid_ads', 'content_marketing', 'sales')
        )

),

acquisition as (

    select coalesce(sum(marketing_cost_usd), 0) as marketing_cost_usd
    from {{ ref('cac_monthly') }}

),

compared as (

    select
        'costs of the call ledger' as what_differs,
        ledger.cost_usd as staging_usd,
        margins.video_cost_usd as mart_usd
    from ledger
    cross join margins
    union all
    select
        'costs of running the platform' as what_differs,
        delivery.platform_cost_usd as staging_usd,
        margins.platform_cost_usd as mart_usd
    from delivery
    cross join margins
    union all
    select
        'costs of taking payments' as what_differs,
        delivery.payment_cost_usd as staging_usd,
        margins.payment_cost_usd as mart_usd
    from delivery
    cross join margins
    union all
    select
        'costs of marketing' as what_differs,
        marketing.marketing_cost_usd as staging_usd,
        acquisition.marketing_cost_usd as mart_usd
    from marketing
    cross join acquisition

)

select * from compared
where staging_usd is distinct from mart_usd
