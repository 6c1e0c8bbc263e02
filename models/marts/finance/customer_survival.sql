-- Grain: a cohort of sign-ups (or all customers) and a number of months paid for: the Kaplan-Meier
-- estimate of how many pay for longer. Definition: the docs block survival_rate.

with lifetimes as (

    select * from {{ ref('int_customers_measured_by_lifetime') }}
    where paying_months > 0

),

cohorts as (

    select
        'all' as cohort,
        null::date as cohort_month,
        paying_months,
        is_censored
    from lifetimes
    union all
    select
        to_char(cohort_month, 'YYYY-MM') as cohort,
        cohort_month,
        paying_months,
        is_censored
    from lifetimes

),

durations as (

    select
        cohort,
        cohort_month,
        generate_series(0, max(paying_months)) as months_paid
    from cohorts
    group by cohort, cohort_month

),

-- Who still pays and has paid for so many months has not been seen to pay for another or to leave.
counted as (

    select
        durations.cohort,
        durations.cohort_month,
        durations.months_paid,
        count(*) filter (
            where
            cohorts.paying_months > durations.months_paid
            or (cohorts.paying_months = durations.months_paid and not cohorts.is_censored)
        ) as customers_at_risk,
        count(*) filter (
            where cohorts.paying_months = durations.months_paid and not cohorts.is_censored
        ) as customers_lost
    from durations
    inner join cohorts
        on durations.cohort = cohorts.cohort
    group by durations.cohort, durations.cohort_month, durations.months_paid

),

rated as (

    select
        *,
        {{ ratio('customers_lost', 'customers_at_risk') }} as hazard_rate
    from counted
    where customers_at_risk > 0

),

-- The product of (1 - hazard), by logarithms; 0 from the first month after which nobody stayed.
survived as (

    select
        cohort,
        months_paid::integer as months_paid,
        cohort_month,
        customers_at_risk,
        customers_lost,
        hazard_rate::numeric(18, 6) as hazard_rate,
        case
            when max(hazard_rate) over so_far = 1 then 0
            else exp(sum(ln(case when hazard_rate < 1 then 1 - hazard_rate end)) over so_far)
        end::numeric(18, 6) as survival_rate
    from rated
    window so_far as (
        partition by cohort order by months_paid
        rows between unbounded preceding and current row
    )

)

select * from survived
