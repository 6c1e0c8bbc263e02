-- Grain: an entry of the call ledger, one paid call or metered resource.

with source as (

    select * from {{ source('platform', 'cost_ledger') }}

),

renamed as (

    select
        -- ids
        (payload ->> 'entry_id')::uuid as entry_id,
        (payload ->> 'user_id')::uuid as user_id,
        (payload ->> 'channel_id')::uuid as channel_id,
        (payload ->> 'video_id')::uuid as video_id,
        (payload ->> 'job_id')::uuid as job_id,
        payload ->> 'provider_request_id' as provider_request_id,

        -- text
        payload ->> 'component' as component,
        payload ->> 'model' as model,
        payload ->> 'unit' as unit,
        payload ->> 'price_version' as price_version,

        -- numerics
        (payload ->> 'units')::numeric(18, 4) as units,
        (payload ->> 'cost_usd')::numeric(18, 6) as cost_usd,

        -- timestamps
        (payload ->> 'occurred_at')::timestamptz as occurred_at,
        (payload ->> 'created_at')::timestamptz as created_at,
        (payload ->> 'updated_at')::timestamptz as updated_at,
        _loaded_at

    from source

)

select * from renamed
