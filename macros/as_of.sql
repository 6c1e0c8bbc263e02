{% macro as_of() -%}
    {%- set given = var('as_of', none) -%}
    {%- if given -%}
        {%- set instant = modules.datetime.datetime.fromisoformat(given | string | trim) -%}
        {%- if instant.tzinfo is none -%}
            {%- set instant = instant.replace(tzinfo=modules.pytz.utc) -%}
        {%- endif -%}
    {%- else -%}
        {%- set instant = run_started_at -%}
    {%- endif -%}
    '{{ instant.astimezone(modules.pytz.utc).isoformat() }}'::timestamptz
{%- endmacro %}


{% macro as_of_date() -%}
    {{ utc_date(as_of()) }}
{%- endmacro %}
