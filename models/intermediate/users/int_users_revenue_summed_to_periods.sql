-- A table: a view would be dropped whenever the mart below it is built alone.
{{ config(materialized='table') }}

-- Grain: a user with channels. Revenue of the channels, summed over the periods that progress is
-- measured by: the as-of month to date, the month before, and the 30 days up to the last report
-- date of all channels next to the 30 before. Definitions: models/docs/users.md.

with days as (

    select * from {{ ref('fct_channel_days') }}

),

periods as (

    select
        max(date_day) as last_day,
        max(date_day) - 29 as start_30d,
        max(date_day) - 59 as previous_start_30d,
        {{ utc_month(as_of()) }} as current_month,
        ({{ utc_month(as_of()) }} - interval '1 month')::date as previous_month
    from days

),

user_days as (

    select
        user_id,
        date_day,
        sum(revenue_usd) as revenue_usd,
        bool_or(views is not null) as is_reported,
        -- Views are known but the revenue report is missing.
        bool_or(views is not null and revenue_usd is null) as has_missing_revenue
    from days
    group by user_id, date_day

),

summed as (

    select
        user_days.user_id,
        periods.current_month,
        periods.last_day as last_report_date,
        min(user_days.date_day) filter (where user_days.is_reported) as first_report_date,
        sum(user_days.revenue_usd) filter (
            where user_days.date_day >= periods.current_month
        )::numeric(18, 6) as revenue_month_to_date_usd,
        sum(user_days.revenue_usd) filter (
            where
            user_days.date_day >= periods.previous_month
            and user_days.date_day < periods.current_month
        )::numeric(18, 6) as previous_month_revenue_usd,
        sum(user_days.revenue_usd) filter (
            where user_days.date_day >= periods.start_30d
        )::numeric(18, 6) as revenue_30d_usd,
        sum(user_days.revenue_usd) filter (
            where
            user_days.date_day >= periods.previous_start_30d
            and user_days.date_day < periods.start_30d
        )::numeric(18, 6) as revenue_previous_30d_usd,
        count(*) filter (
            where user_days.date_day >= periods.start_30d and user_days.is_reported
        ) as reported_days_30d,
        min(user_days.date_day) filter (where user_days.is_reported) <= periods.previous_start_30d
        and not coalesce(
            bool_or(user_days.has_missing_revenue) filter (
                where user_days.date_day >= periods.previous_start_30d
            ), false
        ) as is_previous_30d_covered
    from user_days
    cross join periods
    group by
        user_days.user_id,
        periods.current_month,
        periods.last_day,
        periods.start_30d,
        periods.previous_start_30d

)

select * from summed
