{% macro ratio(numerator, denominator) -%}
    (({{ numerator }})::numeric / nullif({{ denominator }}, 0))
{%- endmacro %}


{% macro usd_from_cents(cents, scale=2) -%}
    (({{ cents }})::numeric / 100)::numeric(18, {{ scale }})
{%- endmacro %}
