-- Grain: a UTC day, project and line item.

with source as (

    select * from {{ source('costs', 'openai_costs') }}

),

renamed as (

    select
        -- ids
        project_id,

        -- text
        line_item,
        payload #>> '{amount,currency}' as currency,

        -- numerics
        (payload #>> '{amount,value}')::numeric as cost_usd,

        -- dates and timestamps
        bucket_date as cost_date,
        _loaded_at

    from source

)

select * from renamed
