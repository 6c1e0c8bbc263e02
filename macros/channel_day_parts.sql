{% macro channel_day_parts(staged_parts, part) -%}
with channels as (

    select * from {{ ref('dim_channels') }}

),

parts as (

    select * from {{ ref(staged_parts) }}
    where report_date < {{ pacific_date(as_of()) }}

),

joined as (

    select
        channels.user_id,
        channels.channel_id,
        parts.report_date as date_day,
        parts.{{ part }},
        parts.views,
        parts.minutes_watched,
        sum(parts.views) over whole as whole_views,
        sum(parts.minutes_watched) over whole as whole_minutes
    from parts
    inner join channels
        on parts.youtube_channel_id = channels.youtube_channel_id
    window whole as (partition by channels.channel_id, parts.report_date)

)

select
    user_id,
    channel_id,
    date_day,
    {{ part }},
    views,
    minutes_watched,
    (minutes_watched / 60.0)::numeric(18, 6) as watch_hours,
    {{ ratio('views', 'whole_views') }}::numeric(18, 8) as share_of_views,
    {{ ratio('minutes_watched', 'whole_minutes') }}::numeric(18, 8) as share_of_minutes
from joined
{%- endmacro %}
