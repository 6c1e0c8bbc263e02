-- Grain: a batch that was landed.

with source as (

    select * from {{ source('ops', 'batches') }}

),

renamed as (

    select
        -- ids
        batch_id,
        run_id,

        -- text
        source as source_name,
        stream as stream_name,
        scope,

        -- numerics
        rows_read,
        rows_landed,
        rows_quarantined,

        -- timestamps
        committed_at

    from source

)

select * from renamed
