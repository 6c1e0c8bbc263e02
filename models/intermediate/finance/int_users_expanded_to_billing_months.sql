-- Grain: a user and UTC month, from the first month with a subscription to the as-of month.
-- `measured_at` is the instant at which the month is measured: its end, or the as-of instant.

with lines as (

    select * from {{ ref('int_invoice_lines_priced_by_month') }}
    where usage_type = 'licensed' and period_starts_at < {{ as_of() }}

),

users as (

    select
        user_id,
        {{ utc_month('min(period_starts_at)') }} as first_month
    from lines
    group by user_id

),

months as (

    select month_start::date as month_start
    from generate_series(
        (select min(first_month) from users)::timestamp,
        {{ utc_month(as_of()) }}::timestamp,
        interval '1 month'
    ) as series (month_start)

),

expanded as (

    select
        users.user_id,
        months.month_start,
        least({{ next_month_start('months.month_start') }}, {{ as_of() }}) as measured_at,
        {{ next_month_start('months.month_start') }} <= {{ as_of() }} as is_complete_month
    from users
    inner join months
        on users.first_month <= months.month_start

)

select * from expanded
