-- Grain: a line of a file of infrastructure costs.

with source as (

    select * from {{ source('costs', 'infrastructure_costs') }}

),

renamed as (

    select
        -- ids
        file_name,
        line_number,

        -- text
        lower(btrim(payload ->> 'service')) as service,
        nullif(btrim(payload ->> 'resource'), '') as resource,
        lower(btrim(payload ->> 'component')) as component,

        -- numerics
        (payload ->> 'amount_usd')::numeric as cost_usd,

        -- dates and timestamps
        cost_date,
        _loaded_at

    from source

)

select * from renamed
