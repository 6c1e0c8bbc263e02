-- Grain: a role of a tenant and relation that it was tried on, at an instant.

with source as (

    select * from {{ source('ops', 'isolation_checks') }}

),

renamed as (

    select
        -- text
        role as role_name,
        relation as relation_name,

        -- numerics
        foreign_rows,

        -- timestamps
        checked_at

    from source

)

select * from renamed
