{% macro utc_date(instant) -%}
    ({{ instant }} at time zone 'utc')::date
{%- endmacro %}


{% macro utc_month(instant) -%}
    date_trunc('month', {{ instant }} at time zone 'utc')::date
{%- endmacro %}


{% macro next_month_start(month_start) -%}
    (({{ month_start }} + interval '1 month') at time zone 'utc')
{%- endmacro %}


{% macro from_unix(seconds) -%}
    to_timestamp(({{ seconds }})::double precision)
{%- endmacro %}


{% macro utc_hour(instant) -%}
    date_trunc('hour', {{ instant }}, 'UTC')
{%- endmacro %}
