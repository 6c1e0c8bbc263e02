-- Grain: a key figure of a period that was ever reported: as it was reported first, last, and as it
-- is known now. Definitions: models/docs/reported.md.

with reported as (

    select * from {{ ref('fct_reported_figures') }}
    where reported_at <= {{ as_of() }}

),

figures as (

    select
        user_id,
        metric,
        period,
        period_start,
        period_end,
        min(reported_at) as first_reported_at,
        max(reported_at) as last_reported_at,
        (array_agg(value order by reported_at asc))[1] as first_reported_value,
        (array_agg(value order by reported_at desc))[1] as last_reported_value,
        count(*) as days_reported
    from reported
    group by user_id, metric, period, period_start, period_end

),

days as (

    select
        user_id,
        date_day,
        revenue_usd,
        views
    from {{ ref('fct_user_days') }}
    union all
    select
        '00000000-0000-0000-0000-000000000000'::uuid as user_id,
        date_day,
        revenue_usd,
        views
    from {{ ref('platform_days') }}

),

-- Sums over the figure's own days, as they are known now.
summed as (

    select
        figures.user_id,
        figures.metric,
        figures.period,
        figures.period_start,
        figures.period_end,
        case figures.metric
            when 'revenue_usd' then sum(days.revenue_usd)
            when 'views' then sum(days.views)
        end as value
    from figures
    inner join days
        on
            figures.user_id = days.user_id
            and days.date_day between figures.period_start and figures.period_end
    where figures.metric in ('revenue_usd', 'views')
    group by
        figures.user_id,
        figures.metric,
        figures.period,
        figures.period_start,
        figures.period_end

),

-- A month is known now where it was reported whole; how it stood in its midst is not kept.
measured as (

    select
        month_start,
        (month_start + interval '1 month' - interval '1 day')::date as month_end,
        total_mrr,
        paying_users
    from {{ ref('mrr_monthly') }}
    where is_complete_month

),

compared as (

    select
        figures.*,
        case figures.metric
            when 'total_mrr' then measured.total_mrr
            when 'paying_users' then measured.paying_users
            else summed.value
        end::numeric(24, 6) as known_now_value
    from figures
    left join summed
        on
            figures.user_id = summed.user_id
            and figures.metric = summed.metric
            and figures.period = summed.period
            and figures.period_start = summed.period_start
            and figures.period_end = summed.period_end
    left join measured
        on figures.period_start = measured.month_start and figures.period_end = measured.month_end

),

final as (

    select
        user_id,
        metric,
        period,
        period_start,
        period_end,
        first_reported_at,
        last_reported_at,
        days_reported,
        first_reported_value::numeric(24, 6) as first_reported_value,
        last_reported_value::numeric(24, 6) as last_reported_value,
        known_now_value,
        (known_now_value - first_reported_value)::numeric(24, 6) as restated_difference,
        {{ ratio('known_now_value - first_reported_value', 'first_reported_value') }}
        ::numeric(18, 6) as restated_difference_rate,
        known_now_value <> first_reported_value as is_restated
    from compared

)

select * from final
