{% macro as_of() -%}
    {#- The environment is read at run time only: as a dbt var, or read while parsing, a new instant
        would have the whole project parsed again at every run. -#}
    {%- set given = var('as_of', none) -%}
    {%- if execute and not given -%}
        {%- set given = env_var('YTEMPIRE_AS_OF', '') -%}
    {%- endif -%}
    {%- set instant = run_started_at -%}
    {%- if given -%}
        {%- set instant = modules.datetime.datetime.fromisoformat(given | string | trim) -%}
    {%- endif -%}
    {%- if instant.tzinfo is none -%}
        {%- set instant = instant.replace(tzinfo=modules.pytz.utc) -%}
    {%- endif -%}
    '{{ instant.astimezone(modules.pytz.utc).isoformat() }}'::timestamptz
{%- endmacro %}


{% macro as_of_date() -%}
    {{ utc_date(as_of()) }}
{%- endmacro %}
