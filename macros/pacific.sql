{% macro pacific_date(instant) -%}
    ({{ instant }} at time zone 'America/Los_Angeles')::date
{%- endmacro %}


{% macro pacific_midnight(day) -%}
    (({{ day }})::timestamp at time zone 'America/Los_Angeles')
{%- endmacro %}


{% macro hours_between(start, stop) -%}
    (extract(epoch from ({{ stop }}) - ({{ start }})) / 3600)
{%- endmacro %}
