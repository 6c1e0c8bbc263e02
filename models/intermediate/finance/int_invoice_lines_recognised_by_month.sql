{{ config(materialized='table') }}

-- Grain: a line of an invoice that is paid or open, and a UTC month of the time that it pays for.
-- Its amount is spread over that time by the second; the months add up to the line, to the cent.
-- Definition: the docs block recognised_revenue_usd.

with lines as materialized (

    select
        invoice_id,
        line_id,
        customer_id,
        currency,
        invoiced_at,
        amount_usd - discount_usd as net_usd,
        period_starts_at,
        greatest(period_ends_at, period_starts_at) as period_ends_at
    from {{ ref('stg_stripe__invoice_lines') }}
    where invoice_status in ('paid', 'open') and invoiced_at < {{ as_of() }}

),

-- A line whose time has no length belongs to the month of its instant.
expanded as (

    select
        lines.*,
        extract(epoch from lines.period_ends_at - lines.period_starts_at) as period_seconds,
        months.month_start::date as month_start,
        greatest(
            lines.period_starts_at, months.month_start at time zone 'utc'
        ) as starts_at,
        least(
            lines.period_ends_at, (months.month_start + interval '1 month') at time zone 'utc'
        ) as ends_at
    from lines
    cross join lateral generate_series(
        date_trunc('month', lines.period_starts_at at time zone 'utc'),
        greatest(
            lines.period_ends_at - interval '1 microsecond', lines.period_starts_at
        ) at time zone 'utc',
        interval '1 month'
    ) as months (month_start)

),

-- Shares of the line by the month's beginning, its end, and its end or the as-of instant.
shared as (

    select
        *,
        case
            when period_seconds = 0 then 0
            else extract(epoch from starts_at - period_starts_at) / period_seconds
        end as share_before,
        case
            when period_seconds = 0 then 1
            else extract(epoch from ends_at - period_starts_at) / period_seconds
        end as share_after,
        case
            when starts_at >= {{ as_of() }} then null
            when period_seconds = 0 then 1
            else
                extract(epoch from least(ends_at, {{ as_of() }}) - period_starts_at)
                / period_seconds
        end as share_known
    from expanded

),

-- What is rounded is the sum up to an instant, so that the parts add up to the whole.
recognised as (

    select
        invoice_id,
        line_id,
        month_start,
        customer_id,
        currency,
        invoiced_at,
        (
            round(net_usd * coalesce(share_known, share_before), 2)
            - round(net_usd * share_before, 2)
        )::numeric(18, 2) as recognised_usd,
        (
            round(net_usd * share_after, 2)
            - round(net_usd * coalesce(share_known, share_before), 2)
        )::numeric(18, 2) as deferred_usd
    from shared

)

select * from recognised
