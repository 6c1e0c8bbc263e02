-- Grain: a role of a tenant and relation that it was tried on, at an instant up to the
-- as-of instant. Definitions: models/docs/quality.md.

with checks as (

    select * from {{ ref('stg_ops__isolation_checks') }}
    where checked_at <= {{ as_of() }}

),

final as (

    select
        checked_at,
        role_name,
        relation_name,
        foreign_rows,
        foreign_rows = 0 as is_isolated,
        checked_at = max(checked_at) over (partition by role_name, relation_name) as is_latest
    from checks

)

select * from final
