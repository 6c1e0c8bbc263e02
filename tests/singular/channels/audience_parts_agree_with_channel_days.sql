-- Reconciliation of YouTube's splits of a channel's day against the day itself. YouTube may keep
-- rare parts back, so that they may sum to less, but not to less by more than 1%, nor to more.

{{ config(severity='warn') }}

with channel_days as (

    select * from {{ ref('stg_youtube__channel_day_core') }}

),

parts as (

    select 'country' as split, youtube_channel_id, report_date, views
    from {{ ref('stg_youtube__channel_day_countries') }}
    union all
    select 'device' as split, youtube_channel_id, report_date, views
    from {{ ref('stg_youtube__channel_day_devices') }}
    union all
    select 'operating system' as split, youtube_channel_id, report_date, views
    from {{ ref('stg_youtube__channel_day_operating_systems') }}
    union all
    select 'traffic source' as split, youtube_channel_id, report_date, views
    from {{ ref('stg_youtube__channel_day_traffic_sources') }}

),

summed as (

    select
        split,
        youtube_channel_id,
        report_date,
        sum(views) as part_views
    from parts
    group by split, youtube_channel_id, report_date

)

select
    summed.split,
    summed.youtube_channel_id,
    summed.report_date,
    summed.part_views,
    channel_days.views as channel_views
from summed
left join channel_days
    on
        summed.youtube_channel_id = channel_days.youtube_channel_id
        and summed.report_date = channel_days.report_date
where
    channel_days.views is null
    or summed.part_views > channel_days.views
    or summed.part_views < 0.99 * channel_days.views
