-- Grain: a day, from the first of dim_dates to the as-of instant's.

with days as (

    select * from {{ ref('dim_dates') }}

),

elapsed as (

    select date_day
    from days
    where date_day <= {{ as_of_date() }}

)

select * from elapsed
