-- Grain: a customer.

with source as (

    select * from {{ source('stripe', 'customers') }}

),

renamed as (

    select
        -- ids
        id as customer_id,
        payload #>> '{metadata,user_id}' as metadata_user_id,

        -- text
        payload ->> 'email' as email,
        payload ->> 'name' as full_name,
        payload ->> 'currency' as currency,

        -- booleans
        coalesce((payload ->> 'delinquent')::boolean, false) as is_delinquent,

        -- timestamps
        created_at,
        _loaded_at

    from source

)

select * from renamed
