{% macro within_band(value, band) -%}
    (
        ({{ value }} >= {{ band }}.lower_bound_usd or {{ band }}.lower_bound_usd is null)
        and ({{ value }} < {{ band }}.upper_bound_usd or {{ band }}.upper_bound_usd is null)
    )
{%- endmacro %}
