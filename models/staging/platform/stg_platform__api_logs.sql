-- Grain: a call to the platform's own API.

with source as (

    select * from {{ source('platform', 'api_logs') }}

),

renamed as (

    select
        -- ids
        (payload ->> 'log_id')::bigint as log_id,
        (payload ->> 'user_id')::uuid as user_id,

        -- text
        payload ->> 'endpoint' as endpoint,
        payload ->> 'method' as method,

        -- numerics
        (payload ->> 'status_code')::integer as status_code,
        (payload ->> 'response_time_ms')::integer as response_time_ms,

        -- timestamps
        (payload ->> 'occurred_at')::timestamptz as occurred_at,
        (payload ->> 'updated_at')::timestamptz as updated_at,
        _loaded_at

    from source

)

select * from renamed
