-- Grain: a channel that a user connected to the platform.

with source as (

    select * from {{ source('platform', 'channels') }}

),

renamed as (

    select
        -- ids
        (payload ->> 'channel_id')::uuid as channel_id,
        (payload ->> 'user_id')::uuid as user_id,
        payload ->> 'youtube_channel_id' as youtube_channel_id,

        -- text
        payload ->> 'channel_name' as channel_name,
        payload ->> 'channel_handle' as channel_handle,
        payload ->> 'niche' as niche,
        payload ->> 'status' as status,
        payload ->> 'tier' as tier,

        -- numerics
        (payload ->> 'monthly_revenue_target')::numeric(10, 2) as monthly_revenue_target_usd,

        -- timestamps
        (payload ->> 'oauth_token_expires_at')::timestamptz as oauth_token_expires_at,
        (payload ->> 'created_at')::timestamptz as connected_at,
        (payload ->> 'updated_at')::timestamptz as updated_at,
        _loaded_at

    from source

)

select * from renamed
