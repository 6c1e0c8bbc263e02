{# Before anything is built, by `ytempire` or by an engineer's own dbt: what is about to be built is
   not what `ops.built_nodes` says any more. A scratch build into other schemas touches none of it. #}
{% macro forget_builds() -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'seed', 'snapshot')
        and selected_resources and not env_var('YTEMPIRE_SCHEMA_PREFIX', '') -%}
    do $body$
    begin
        if to_regclass('ops.built_nodes') is not null then
            delete from ops.built_nodes
            where node_id in ('{{ selected_resources | join("', '") }}');
        end if;
    end
    $body$
    {%- endif -%}
{%- endmacro %}
