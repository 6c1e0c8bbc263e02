-- Grain: a UTC day and provider that tells a total of its own. Definitions: models/docs/costs.md.

with providers as (

    select * from {{ ref('reconciled_providers') }}

),

told as (

    select
        'openai' as provider_name,
        cost_date,
        cost_usd
    from {{ ref('stg_costs__openai_costs') }}
    where currency = 'usd' and cost_date <= {{ as_of_date() }}

    union all

    select
        'elevenlabs' as provider_name,
        cost_date,
        cost_usd
    from {{ ref('stg_costs__elevenlabs_usage') }}
    where cost_date <= {{ as_of_date() }}

),

told_days as (

    select
        provider_name,
        cost_date,
        sum(cost_usd)::numeric(18, 6) as provider_cost_usd
    from told
    group by provider_name, cost_date

),

ledger_days as (

    select
        providers.provider_name,
        {{ utc_date('hours.hour_at') }} as cost_date,
        sum(hours.cost_usd) as ledger_cost_usd
    from {{ ref('provider_usage_hours') }} as hours
    inner join providers
        on hours.component = providers.component
    group by providers.provider_name, {{ utc_date('hours.hour_at') }}

),

joined as (

    select
        coalesce(told_days.cost_date, ledger_days.cost_date) as date_day,
        coalesce(told_days.provider_name, ledger_days.provider_name) as provider_name,
        told_days.provider_cost_usd,
        coalesce(ledger_days.ledger_cost_usd, 0) as ledger_cost_usd
    from told_days
    full join ledger_days
        on
            told_days.provider_name = ledger_days.provider_name
            and told_days.cost_date = ledger_days.cost_date

),

-- A running day's total is not final on either side, so it has no difference yet.
compared as (

    select
        joined.*,
        providers.component,
        providers.tolerance_rate,
        joined.date_day < {{ as_of_date() }} as is_complete_day,
        case
            when joined.date_day < {{ as_of_date() }}
                then joined.provider_cost_usd - joined.ledger_cost_usd
        end as unallocated_cost_usd
    from joined
    inner join providers
        on joined.provider_name = providers.provider_name

),

final as (

    select
        date_day,
        provider_name,
        component,
        is_complete_day,
        provider_cost_usd::numeric(18, 6) as provider_cost_usd,
        ledger_cost_usd::numeric(18, 6) as ledger_cost_usd,
        unallocated_cost_usd::numeric(18, 6) as unallocated_cost_usd,
        {{ ratio('unallocated_cost_usd', 'provider_cost_usd') }}::numeric(18, 6)
            as unallocated_rate,
        abs(unallocated_cost_usd) <= tolerance_rate * provider_cost_usd as is_within_tolerance
    from compared

)

select * from final
