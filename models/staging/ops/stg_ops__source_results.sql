-- Grain: a run of the pipeline and source.

with source as (

    select * from {{ source('ops', 'source_results') }}

),

renamed as (

    select
        -- ids
        run_id,

        -- text
        source as source_name,
        status,
        message,

        -- numerics
        rows_landed,
        rows_quarantined,

        -- timestamps
        finished_at

    from source

)

select * from renamed
