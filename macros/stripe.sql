{% macro stripe_id(reference) -%}
    case jsonb_typeof({{ reference }})
        when 'object' then {{ reference }} ->> 'id'
        when 'string' then {{ reference }} #>> '{}'
    end
{%- endmacro %}
