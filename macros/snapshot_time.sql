{% macro postgres__snapshot_get_time() -%}
    {{ as_of() }}
{%- endmacro %}
