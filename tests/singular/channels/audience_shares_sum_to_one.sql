-- Business identity: the shares of what has any views sum to 1, of each split of a day and of 30
-- days; the viewers of a month by age and gender to 1 within YouTube's own rounding. A missing
-- share beside others is a failure.

{%- set splits = {
    'traffic source': 'fct_channel_day_traffic_sources',
    'country': 'fct_channel_day_countries',
    'device': 'fct_channel_day_devices',
    'operating system': 'fct_channel_day_operating_systems',
} %}

with shares as (

    {% for split, mart in splits.items() %}
    select
        '{{ split }} of a day' as split,
        channel_id,
        date_day,
        sum(views) as views,
        sum(share_of_views) as share_of_views,
        sum(minutes_watched) as minutes_watched,
        sum(share_of_minutes) as share_of_minutes,
        0.00001 as tolerance
    from {{ ref(mart) }}
    group by user_id, channel_id, date_day
    union all
    {% endfor %}
    select
        split || ' of 30 days' as split,
        channel_id,
        null as date_day,
        sum(views) as views,
        sum(share_of_views) as share_of_views,
        sum(minutes_watched) as minutes_watched,
        sum(share_of_minutes) as share_of_minutes,
        0.00001 as tolerance
    from {{ ref('channel_audiences') }}
    group by user_id, channel_id, split
    union all
    select
        'age and gender' as split,
        channel_id,
        month_start as date_day,
        1 as views,
        sum(viewer_ratio) as share_of_views,
        0 as minutes_watched,
        null as share_of_minutes,
        0.01 as tolerance
    from {{ ref('channel_demographics') }}
    group by user_id, channel_id, month_start

)

select * from shares
where
    (views > 0 and (abs(share_of_views - 1) <= tolerance) is not true)
    or (minutes_watched > 0 and (abs(share_of_minutes - 1) <= tolerance) is not true)
