-- Grain: a UTC month, from the first with revenue or cost to the as-of month. Definitions: the docs
-- blocks platform_revenue_usd, cost_of_delivery_usd and gross_margin_rate.

with revenue as (

    select
        month_start,
        sum(recognised_usd) as recognised_revenue_usd
    from {{ ref('int_invoice_lines_recognised_by_month') }}
    where currency = 'usd' and month_start <= {{ as_of_date() }}
    group by month_start

),

refunds as (

    select
        {{ utc_month('created_at') }} as month_start,
        sum(refunded_usd) as refunded_usd
    from {{ ref('stg_stripe__refunds') }}
    where status = 'succeeded' and currency = 'usd' and created_at < {{ as_of() }}
    group by {{ utc_month('created_at') }}

),

video_costs as (

    select
        date_trunc('month', cost_date)::date as month_start,
        sum(cost_usd) as video_cost_usd
    from {{ ref('int_cost_entries_attributed_to_videos') }}
    group by date_trunc('month', cost_date)::date

),

running_costs as (

    select
        month_start,
        sum(cost_usd) filter (where delivery_group = 'platform') as platform_cost_usd,
        sum(cost_usd) filter (where delivery_group = 'payment') as payment_cost_usd
    from {{ ref('int_delivery_costs_by_month') }}
    group by month_start

),

ledger as (

    select min(month_start) as first_month from video_costs

),

months as (

    select series.month_start::date as month_start
    from generate_series(
        least(
            (select min(revenue.month_start) from revenue),
            (select ledger.first_month from ledger),
            (select min(running_costs.month_start) from running_costs)
        )::timestamp,
        {{ utc_month(as_of()) }}::timestamp,
        interval '1 month'
    ) as series (month_start)

),

-- Before the first entry of the call ledger, what videos cost is not known.
joined as (

    select
        months.month_start,
        coalesce(revenue.recognised_revenue_usd, 0) as recognised_revenue_usd,
        coalesce(refunds.refunded_usd, 0) as refunded_usd,
        coalesce(revenue.recognised_revenue_usd, 0) - coalesce(refunds.refunded_usd, 0)
            as platform_revenue_usd,
        case
            when months.month_start >= ledger.first_month
                then coalesce(video_costs.video_cost_usd, 0)
        end as video_cost_usd,
        coalesce(running_costs.platform_cost_usd, 0) as platform_cost_usd,
        coalesce(running_costs.payment_cost_usd, 0) as payment_cost_usd
    from months
    cross join ledger
    left join revenue
        on months.month_start = revenue.month_start
    left join refunds
        on months.month_start = refunds.month_start
    left join video_costs
        on months.month_start = video_costs.month_start
    left join running_costs
        on months.month_start = running_costs.month_start

),

totalled as (

    select
        *,
        video_cost_usd + platform_cost_usd + payment_cost_usd as cost_of_delivery_usd
    from joined

),

rated as (

    select
        month_start,
        recognised_revenue_usd::numeric(18, 6) as recognised_revenue_usd,
        refunded_usd::numeric(18, 6) as refunded_usd,
        platform_revenue_usd::numeric(18, 6) as platform_revenue_usd,
        video_cost_usd::numeric(18, 6) as video_cost_usd,
        platform_cost_usd::numeric(18, 6) as platform_cost_usd,
        payment_cost_usd::numeric(18, 6) as payment_cost_usd,
        cost_of_delivery_usd::numeric(18, 6) as cost_of_delivery_usd,
        (platform_revenue_usd - cost_of_delivery_usd)::numeric(18, 6) as gross_profit_usd,
        {{ ratio('platform_revenue_usd - cost_of_delivery_usd', 'platform_revenue_usd') }}
        ::numeric(18, 6) as gross_margin_rate,
        ({{ ratio(
            'sum(platform_revenue_usd - cost_of_delivery_usd) over twelve_months',
            'sum(case when cost_of_delivery_usd is not null then platform_revenue_usd end)'
            ~ ' over twelve_months'
        ) }})::numeric(18, 6) as gross_margin_rate_12m,
        {{ next_month_start('month_start') }} <= {{ as_of() }} as is_complete_month
    from totalled
    window twelve_months as (
        order by month_start rows between 11 preceding and current row
    )

)

select * from rated
