-- Grain: a UTC month and group of the costs of delivery that the call ledger does not hold: what
-- the seed delivery_costs counts of the infrastructure files and of the expense files.

with categories as (

    select * from {{ ref('delivery_costs') }}

),

costs as (

    select
        'infrastructure' as cost_source,
        component as cost_category,
        cost_date,
        cost_usd
    from {{ ref('stg_costs__infrastructure') }}
    union all
    select
        'expenses' as cost_source,
        category as cost_category,
        expense_date as cost_date,
        amount_usd as cost_usd
    from {{ ref('stg_costs__expenses') }}

),

summed as (

    select
        date_trunc('month', costs.cost_date)::date as month_start,
        categories.delivery_group,
        sum(costs.cost_usd) as cost_usd
    from costs
    inner join categories
        on
            costs.cost_source = categories.cost_source
            and costs.cost_category = categories.cost_category
    where categories.delivery_group is not null and costs.cost_date <= {{ as_of_date() }}
    group by date_trunc('month', costs.cost_date)::date, categories.delivery_group

)

select * from summed
