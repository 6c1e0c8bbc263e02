{% macro channel_day_part_metrics() -%}
    parts.views,
        parts.minutes_watched,
        (parts.minutes_watched / 60.0)::numeric(18, 6) as watch_hours,
        {{ ratio('parts.views', 'sum(parts.views) over whole') }}::numeric(18, 8)
            as share_of_views,
        {{ ratio('parts.minutes_watched', 'sum(parts.minutes_watched) over whole') }}
        ::numeric(18, 8) as share_of_minutes
{%- endmacro %}
