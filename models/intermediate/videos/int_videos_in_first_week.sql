-- Grain: a published video whose first 168 hours are wholly reported: when it was published by its
-- owner's clock and what it got in that week. Reports have days, not hours: of the Pacific day in
-- which the week ends, the part that lies in the week counts, so that a video published in the
-- evening is not compared over fewer hours than one published in the morning.

{{ config(materialized='table') }}

with videos as (

    select * from {{ ref('dim_videos') }}
    where published_at is not null

),

channels as (

    select * from {{ ref('dim_channels') }}

),

users as (

    select * from {{ ref('dim_users') }}

),

days as (

    select * from {{ ref('fct_video_days') }}

),

-- A time zone that the server does not know is read as UTC instead of failing the build.
zones as (

    select name from pg_timezone_names()

),

timed as (

    select
        videos.user_id,
        videos.video_id,
        videos.channel_id,
        videos.published_at,
        videos.published_at at time zone coalesce(zones.name, 'UTC') as local_time,
        videos.published_at + interval '168 hours' as week_end_at,
        {{ pacific_date('videos.published_at') }} as first_day,
        {{ pacific_date("(videos.published_at + interval '168 hours')") }} as last_day,
        channels.first_report_date,
        channels.last_report_date
    from videos
    inner join channels
        on videos.user_id = channels.user_id and videos.channel_id = channels.channel_id
    inner join users
        on videos.user_id = users.user_id
    left join zones
        on users.time_zone = zones.name

),

parted as (

    select
        *,
        {{ hours_between(pacific_midnight('last_day'), 'week_end_at') }}
        / {{ hours_between(pacific_midnight('last_day'), pacific_midnight('last_day + 1')) }}
            as last_day_part
    from timed
    where first_day >= first_report_date and last_day <= last_report_date

),

weighted as (

    select
        parted.user_id,
        parted.video_id,
        parted.channel_id,
        parted.published_at,
        parted.local_time,
        days.views,
        days.likes + days.comments + days.shares as engagements,
        case when days.date_day = parted.last_day then parted.last_day_part else 1 end as day_part
    from parted
    left join days
        on
            parted.user_id = days.user_id
            and parted.video_id = days.video_id
            and days.date_day between parted.first_day and parted.last_day

),

summed as (

    select
        user_id,
        video_id,
        channel_id,
        published_at,
        extract(isodow from local_time)::integer as weekday,
        extract(hour from local_time)::integer as hour_of_day,
        coalesce(sum(views * day_part), 0)::numeric(18, 4) as first_week_views,
        coalesce(sum(engagements * day_part), 0)::numeric(18, 4) as first_week_engagements
    from weighted
    group by user_id, video_id, channel_id, published_at, local_time

)

select * from summed
