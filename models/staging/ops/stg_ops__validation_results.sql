-- Grain: a run of the pipeline and expectation on a stream.

with source as (

    select * from {{ source('ops', 'validation_results') }}

),

renamed as (

    select
        -- ids
        run_id,

        -- text
        source as source_name,
        stream as stream_name,
        expectation,
        detail,

        -- numerics
        rows_checked,
        rows_unexpected,

        -- booleans
        is_critical,
        passed as is_passed,

        -- timestamps
        checked_at

    from source

)

select * from renamed
