-- Reconciliation of YouTube's splits of a channel's day against the day itself. YouTube may keep
-- rare parts back, so that they may sum to less, but not to less by more than 1%, nor to more.

{{ config(severity='warn') }}

{%- set splits = {
    'traffic source': 'fct_channel_day_traffic_sources',
    'country': 'fct_channel_day_countries',
    'device': 'fct_channel_day_devices',
    'operating system': 'fct_channel_day_operating_systems',
} %}

with channel_days as (

    select * from {{ ref('fct_channel_days') }}

),

summed as (

    {% for split, mart in splits.items() %}
    select
        '{{ split }}' as split,
        user_id,
        channel_id,
        date_day,
        sum(views) as part_views
    from {{ ref(mart) }}
    group by user_id, channel_id, date_day
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}

)

select
    summed.split,
    summed.channel_id,
    summed.date_day,
    summed.part_views,
    channel_days.views as channel_views
from summed
left join channel_days
    on
        summed.user_id = channel_days.user_id
        and summed.channel_id = channel_days.channel_id
        and summed.date_day = channel_days.date_day
where
    channel_days.views is null
    or summed.part_views > channel_days.views
    or summed.part_views < 0.99 * channel_days.views
