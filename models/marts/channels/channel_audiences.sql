-- Grain: a channel, split (traffic source, country, device or operating system) and part of it,
-- over the 30 report days up to the last report date. Definitions: models/docs/audience.md.

{%- set splits = {
    'traffic_source': ('fct_channel_day_traffic_sources', 'traffic_source'),
    'country': ('fct_channel_day_countries', 'country'),
    'device': ('fct_channel_day_devices', 'device_type'),
    'operating_system': ('fct_channel_day_operating_systems', 'operating_system'),
} %}

with reported_until as (

    select max(last_report_date) as last_report_date from {{ ref('dim_channels') }}

),

parts as (

    {% for split, (mart, part) in splits.items() %}
    select
        user_id,
        channel_id,
        date_day,
        '{{ split }}' as split,
        {{ part }} as part,
        views,
        minutes_watched
    from {{ ref(mart) }}
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}

),

summed as (

    select
        parts.user_id,
        parts.channel_id,
        parts.split,
        parts.part,
        count(distinct parts.date_day) as days_seen,
        sum(parts.views)::bigint as views,
        sum(parts.minutes_watched)::bigint as minutes_watched
    from parts
    cross join reported_until
    where
        parts.date_day between reported_until.last_report_date - 29
        and reported_until.last_report_date
    group by parts.user_id, parts.channel_id, parts.split, parts.part

),

shared as (

    select
        user_id,
        channel_id,
        split,
        part,
        days_seen,
        views,
        minutes_watched,
        {{ ratio('views', 'sum(views) over whole') }}::numeric(18, 8) as share_of_views,
        {{ ratio('minutes_watched', 'sum(minutes_watched) over whole') }}::numeric(18, 8)
            as share_of_minutes,
        {{ ratio('minutes_watched * 60', 'views') }}::numeric(18, 4)
            as average_view_duration_seconds,
        row_number() over (
            partition by user_id, channel_id, split order by views desc, part asc
        ) as views_rank
    from summed
    window whole as (partition by user_id, channel_id, split)

)

select * from shared
