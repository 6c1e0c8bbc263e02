-- Business identity: a channel has a row for every day up to the last report date of all channels.

with days as (

    select
        channel_id,
        min(date_day) as first_day,
        max(date_day) as last_day,
        count(*) as days
    from {{ ref('fct_channel_days') }}
    group by channel_id

),

reported as (

    select max(last_report_date) as last_report_date from {{ ref('dim_channels') }}

)

select
    days.channel_id,
    days.first_day,
    days.last_day,
    days.days
from days
cross join reported
where
    days.last_day is distinct from reported.last_report_date
    or days.days is distinct from days.last_day - days.first_day + 1
