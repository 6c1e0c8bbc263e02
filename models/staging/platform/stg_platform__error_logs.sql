-- Grain: an error of one of the platform's services.

with source as (

    select * from {{ source('platform', 'error_logs') }}

),

renamed as (

    select
        -- ids
        (payload ->> 'error_id')::bigint as error_id,

        -- text
        payload ->> 'severity' as severity,
        payload ->> 'service' as service,
        payload ->> 'message' as message,

        -- timestamps
        (payload ->> 'occurred_at')::timestamptz as occurred_at,
        (payload ->> 'updated_at')::timestamptz as updated_at,
        _loaded_at

    from source

)

select * from renamed
