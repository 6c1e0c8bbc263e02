-- Grain: a channel and slot of the week by its owner's clock: a weekday, an hour, or an hour of a
-- weekday (slot_type), with the videos published in it whose first week is wholly reported.
-- Definitions: models/docs/channels.md.

with videos as (

    select * from {{ ref('int_videos_in_first_week') }}

),

minimums as (

    select minimum_count from {{ ref('minimum_samples') }}
    where sample = 'upload_slot_videos'

),

slots as (

    select
        user_id,
        channel_id,
        weekday,
        hour_of_day,
        count(*) as videos,
        percentile_cont(0.5) within group (order by first_week_views)
            as median_first_week_views,
        avg(first_week_views) as average_first_week_views,
        sum(first_week_views) as first_week_views,
        sum(first_week_engagements) as first_week_engagements
    from videos
    group by
        grouping sets (
            (user_id, channel_id),
            (user_id, channel_id, weekday),
            (user_id, channel_id, hour_of_day),
            (user_id, channel_id, weekday, hour_of_day)
        )

),

named as (

    select
        slots.*,
        case
            when slots.weekday is not null and slots.hour_of_day is not null then 'weekday_hour'
            when slots.weekday is not null then 'weekday'
            when slots.hour_of_day is not null then 'hour'
            else 'week'
        end as slot_type,
        concat_ws(
            ' ',
            (array['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'])[slots.weekday],
            lpad(slots.hour_of_day::text, 2, '0') || ':00'
        ) as slot,
        slots.videos >= minimums.minimum_count as is_comparable,
        max(slots.median_first_week_views)
        filter (where slots.weekday is null and slots.hour_of_day is null)
            over (partition by slots.user_id, slots.channel_id) as channel_median
    from slots
    cross join minimums

),

final as (

    select
        user_id,
        channel_id,
        slot_type,
        slot,
        weekday,
        hour_of_day,
        videos,
        median_first_week_views::numeric(18, 2) as median_first_week_views,
        average_first_week_views::numeric(18, 2) as average_first_week_views,
        ({{ ratio('median_first_week_views', 'channel_median') }})::numeric(18, 6)
            as views_to_channel_median_ratio,
        first_week_views::numeric(18, 2) as first_week_views,
        first_week_engagements::numeric(18, 2) as first_week_engagements,
        {{ ratio('first_week_engagements', 'first_week_views') }}::numeric(18, 8)
            as engagement_rate,
        is_comparable,
        -- The best of at least two that can be compared; the better proven one of equals.
        is_comparable
        and row_number() over best = 1
        and count(*) filter (where is_comparable) over slots_of_type > 1 as is_best
    from named
    where slot_type <> 'week'
    window
        slots_of_type as (partition by user_id, channel_id, slot_type),
        best as (
            partition by user_id, channel_id, slot_type, is_comparable
            order by median_first_week_views desc, videos desc, slot asc
        )

)

select * from final
