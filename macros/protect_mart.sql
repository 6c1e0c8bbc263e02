{# The hook after each mart: who may read which of its rows. Its rules stand in
   warehouse/migrations/sql, beside the commands that make the roles. #}
{% macro protect_mart() %}
    {%- set is_for_all = (model.config.meta or {}).get('tenants_may_read', false) -%}
    select ops.protect_mart('{{ this }}'::regclass, {{ is_for_all | lower }})
{% endmacro %}
