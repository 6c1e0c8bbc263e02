-- Grain: a cost sheet of a video. Whole cents, so only good for reconciling with the ledger.

with source as (

    select * from {{ source('platform', 'video_costs') }}

),

renamed as (

    select
        -- ids
        (payload ->> 'cost_id')::uuid as cost_id,
        (payload ->> 'video_id')::uuid as video_id,

        -- numerics
        {{ usd_from_cents("payload ->> 'openai_cost_cents'") }} as openai_cost_usd,
        {{ usd_from_cents("payload ->> 'elevenlabs_cost_cents'") }} as elevenlabs_cost_usd,
        {{ usd_from_cents("payload ->> 'stability_ai_cost_cents'") }} as stability_ai_cost_usd,
        {{ usd_from_cents("payload ->> 'pexels_cost_cents'") }} as pexels_cost_usd,
        {{ usd_from_cents("payload ->> 'other_api_cost_cents'") }} as other_api_cost_usd,
        {{ usd_from_cents("payload ->> 'cpu_compute_cost_cents'") }} as cpu_compute_cost_usd,
        {{ usd_from_cents("payload ->> 'gpu_compute_cost_cents'") }} as gpu_compute_cost_usd,
        {{ usd_from_cents("payload ->> 'storage_cost_cents'") }} as storage_cost_usd,
        {{ usd_from_cents("payload ->> 'bandwidth_cost_cents'") }} as bandwidth_cost_usd,
        {{ usd_from_cents("payload ->> 'total_cost_cents'") }} as total_cost_usd,

        -- timestamps
        (payload ->> 'created_at')::timestamptz as created_at,
        (payload ->> 'updated_at')::timestamptz as updated_at,
        _loaded_at

    from source

)

select * from renamed
