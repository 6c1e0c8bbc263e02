-- Grain: a cohort (the UTC month of the first payment) and a number of months since, up to the
-- as-of month. Definitions: the docs blocks logo_retention_rate and revenue_retention_rate.

with movements as (

    select * from {{ ref('fct_mrr_movements') }}

),

first_payments as (

    select
        user_id,
        min(month_start) as cohort_month
    from movements
    where is_paying
    group by user_id

),

counted as (

    select
        first_payments.cohort_month,
        movements.month_start,
        count(*) as cohort_customers,
        count(*) filter (where movements.is_paying) as retained_customers,
        coalesce(sum(movements.closing_mrr) filter (where movements.is_paying), 0)
            as retained_mrr,
        bool_and(movements.is_complete_month) as is_complete_month
    from movements
    inner join first_payments
        on
            movements.user_id = first_payments.user_id
            and movements.month_start >= first_payments.cohort_month
    group by first_payments.cohort_month, movements.month_start

),

aged as (

    select
        *,
        (
            12 * (extract(year from month_start) - extract(year from cohort_month))
            + extract(month from month_start) - extract(month from cohort_month)
        )::integer as months_since_first_payment,
        first_value(retained_mrr) over (
            partition by cohort_month order by month_start
        ) as cohort_mrr
    from counted

),

rated as (

    select
        cohort_month,
        months_since_first_payment,
        month_start,
        cohort_customers,
        retained_customers,
        {{ ratio('retained_customers', 'cohort_customers') }}::numeric(18, 6)
            as logo_retention_rate,
        cohort_mrr::numeric(18, 2) as cohort_mrr,
        retained_mrr::numeric(18, 2) as retained_mrr,
        {{ ratio('retained_mrr', 'cohort_mrr') }}::numeric(18, 6) as revenue_retention_rate,
        is_complete_month
    from aged

)

select * from rated
