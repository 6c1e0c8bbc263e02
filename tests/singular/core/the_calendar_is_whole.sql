-- The calendar begins with a year, ends with the year after the as-of instant's, and has every day
-- in between, with all of its Mondays (1 January 2001 was one).

with bounds as (

    select
        min(date_day) as first_day,
        max(date_day) as last_day,
        count(*) as days,
        count(*) filter (where week_start = date_day and day_of_week = 1) as mondays
    from {{ ref('dim_dates') }}

)

select *
from bounds
where
    days is distinct from last_day - first_day + 1
    or to_char(first_day, 'MM-DD') is distinct from '01-01'
    or last_day is distinct from
    (date_trunc('year', {{ as_of_date() }}::timestamp) + interval '2 years')::date - 1
    or mondays is distinct from (
        (last_day - date '2001-01-01') / 7 - (first_day - 1 - date '2001-01-01') / 7
    )
