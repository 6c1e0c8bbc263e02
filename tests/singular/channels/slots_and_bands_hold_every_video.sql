-- Business identity: a channel's weekdays hold the videos of its hours and those of its hours of
-- weekdays, which are those with a whole first week; its length bands hold every published video of
-- known length, with its views and its revenue.

with parts as (

    select
        'upload times by ' || slot_type as part_of,
        channel_id,
        videos,
        first_week_views as views,
        0 as revenue_usd
    from {{ ref('channel_upload_times') }}
    union all
    select
        'length bands' as part_of,
        channel_id,
        videos,
        views,
        revenue_usd
    from {{ ref('channel_retention_by_length_band') }}

),

summed as (

    select
        part_of,
        channel_id,
        sum(videos) as videos,
        coalesce(sum(views), 0) as views,
        coalesce(sum(revenue_usd), 0) as revenue_usd
    from parts
    group by part_of, channel_id

),

wholes as (

    select
        'upload times by ' || slot_types.slot_type as part_of,
        first_weeks.channel_id,
        count(*) as videos,
        sum(first_weeks.first_week_views) as views,
        0 as revenue_usd
    from (select * from {{ ref('int_videos_in_first_week') }}) as first_weeks
    cross join (values ('weekday'), ('hour'), ('weekday_hour')) as slot_types (slot_type)
    group by slot_types.slot_type, first_weeks.channel_id
    union all
    select
        'length bands' as part_of,
        channel_id,
        count(*) as videos,
        coalesce(sum(reported_views), 0) as views,
        coalesce(sum(revenue_usd), 0) as revenue_usd
    from {{ ref('video_performance') }}
    where length_band is not null
    group by channel_id

)

select
    coalesce(summed.part_of, wholes.part_of) as part_of,
    coalesce(summed.channel_id, wholes.channel_id) as channel_id,
    summed.videos as part_videos,
    wholes.videos,
    summed.views as part_views,
    wholes.views,
    summed.revenue_usd as part_revenue_usd,
    wholes.revenue_usd
from summed
full join wholes
    on summed.part_of = wholes.part_of and summed.channel_id = wholes.channel_id
where
    summed.videos is distinct from wholes.videos
    -- Views of first weeks are parts of days, rounded to hundredths in each of at most 168 slots.
    or (abs(summed.views - wholes.views) <= 0.84) is not true
    or summed.revenue_usd is distinct from wholes.revenue_usd
