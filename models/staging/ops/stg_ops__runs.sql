-- Grain: a run of the pipeline.

with source as (

    select * from {{ source('ops', 'runs') }}

),

renamed as (

    select
        -- ids
        run_id,

        -- text
        command,
        status,
        message,

        -- numerics
        exit_code,

        -- timestamps
        as_of as run_as_of_at,
        started_at,
        finished_at

    from source

)

select * from renamed
