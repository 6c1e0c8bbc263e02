{% macro pacific_date(instant) -%}
    ({{ instant }} at time zone 'America/Los_Angeles')::date
{%- endmacro %}
