{{ config(severity='warn') }}

-- Categories of costs that the seed delivery_costs does not decide about, with what is left out of
-- the gross margin because of it. Only departments that deliver are asked about.

with found as (

    select
        'infrastructure' as cost_source,
        component as cost_category,
        cost_usd
    from {{ ref('stg_costs__infrastructure') }}
    union all
    select
        'expenses' as cost_source,
        category as cost_category,
        amount_usd as cost_usd
    from {{ ref('stg_costs__expenses') }}
    where department = 'infrastructure'

)

select
    found.cost_source,
    found.cost_category,
    sum(found.cost_usd) as cost_usd
from found
left join {{ ref('delivery_costs') }} as seed
    on found.cost_source = seed.cost_source and found.cost_category = seed.cost_category
where seed.cost_category is null
group by found.cost_source, found.cost_category
