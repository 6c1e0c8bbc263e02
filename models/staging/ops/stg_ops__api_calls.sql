-- Grain: a call of the pipeline to a metered API.

with source as (

    select * from {{ source('ops', 'api_calls') }}

),

renamed as (

    select
        -- ids
        call_id,
        run_id,
        user_id,

        -- text
        api as api_name,
        method as method_name,
        bucket,
        reason,

        -- numerics
        units,
        status_code,
        latency_ms,

        -- booleans: no status means that no answer came
        coalesce(status_code >= 400, true) as is_error,

        -- timestamps
        called_at

    from source

)

select * from renamed
