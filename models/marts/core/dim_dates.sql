-- Grain: a day, from the first of January of the first year with data to the end of the year after
-- the as-of instant's. Never before 2005, the year of YouTube's first video.

with first_days as (

    select min(signup_date) as date_day from {{ ref('dim_users') }}
    union all
    select min(published_date) as date_day from {{ ref('dim_videos') }}
    union all
    select min(date_day) as date_day from {{ ref('fct_channel_days') }}
    union all
    select min(cost_date) as date_day from {{ ref('fct_video_costs') }}
    union all
    select min(month_start) as date_day from {{ ref('mrr_monthly') }}

),

bounds as (

    select
        greatest(
            date_trunc('year', least(min(date_day), {{ as_of_date() }})::timestamp),
            timestamp '2005-01-01'
        ) as first_day,
        date_trunc('year', {{ as_of_date() }}::timestamp)
        + interval '2 years' - interval '1 day' as last_day
    from first_days

),

days as (

    select series.date_day::date as date_day
    from bounds
    cross join lateral generate_series(
        bounds.first_day, bounds.last_day, interval '1 day'
    ) as series (date_day)

),

described as (

    select
        date_day,
        extract(year from date_day)::integer as year,
        extract(quarter from date_day)::integer as quarter,
        date_trunc('month', date_day::timestamp)::date as month_start,
        date_trunc('week', date_day::timestamp)::date as week_start,
        extract(isodow from date_day)::integer as day_of_week,
        to_char(date_day, 'FMDay') as day_name,
        extract(isodow from date_day) >= 6 as is_weekend,
        to_char(date_day, 'FMMonth') as month_name,
        extract(month from date_day + 1) <> extract(month from date_day) as is_month_end
    from days

)

select * from described
