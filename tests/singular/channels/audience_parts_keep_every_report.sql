-- Reconciliation with staging: every part of a connected channel's day is in its mart once, with
-- its views and minutes; so is every age group and gender of a month.

{%- set splits = {
    'fct_channel_day_traffic_sources': 'stg_youtube__channel_day_traffic_sources',
    'fct_channel_day_countries': 'stg_youtube__channel_day_countries',
    'fct_channel_day_devices': 'stg_youtube__channel_day_devices',
    'fct_channel_day_operating_systems': 'stg_youtube__channel_day_operating_systems',
} %}

with channels as (

    select * from {{ ref('dim_channels') }}

),

{% for mart, staged in splits.items() %}
staged_{{ loop.index }} as (

    select * from {{ ref(staged) }}
    where report_date < {{ pacific_date(as_of()) }}

),

{% endfor %}
staged_viewers as (

    select * from {{ ref('stg_youtube__channel_month_demographics') }}
    where month_start <= {{ pacific_date(as_of()) }}

),

staged as (

    {% for mart in splits %}
    select
        '{{ mart }}' as mart,
        count(*) as parts,
        coalesce(sum(parts.views), 0) as views,
        coalesce(sum(parts.minutes_watched), 0) as minutes_watched
    from staged_{{ loop.index }} as parts
    inner join channels
        on parts.youtube_channel_id = channels.youtube_channel_id
    union all
    {% endfor %}
    select
        'channel_demographics' as mart,
        count(*) as parts,
        coalesce(sum(viewers.viewer_ratio), 0) as views,
        0 as minutes_watched
    from staged_viewers as viewers
    inner join channels
        on viewers.youtube_channel_id = channels.youtube_channel_id

),

kept as (

    {% for mart in splits %}
    select
        '{{ mart }}' as mart,
        count(*) as parts,
        coalesce(sum(views), 0) as views,
        coalesce(sum(minutes_watched), 0) as minutes_watched
    from {{ ref(mart) }}
    union all
    {% endfor %}
    select
        'channel_demographics' as mart,
        count(*) as parts,
        coalesce(sum(viewer_ratio), 0) as views,
        0 as minutes_watched
    from {{ ref('channel_demographics') }}

)

select
    staged.mart,
    staged.parts as staged_parts,
    kept.parts,
    staged.views as staged_views,
    kept.views,
    staged.minutes_watched as staged_minutes_watched,
    kept.minutes_watched
from staged
inner join kept
    on staged.mart = kept.mart
where
    staged.parts is distinct from kept.parts
    or staged.views is distinct from kept.views
    or staged.minutes_watched is distinct from kept.minutes_watched
