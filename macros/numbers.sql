{% macro ratio(numerator, denominator) -%}
    (({{ numerator }})::numeric / nullif({{ denominator }}, 0))
{%- endmacro %}


{% macro usd_from_cents(cents) -%}
    (({{ cents }})::numeric / 100)
{%- endmacro %}
