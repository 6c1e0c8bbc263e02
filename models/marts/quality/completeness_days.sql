-- Grain: a day, source and stream: channels that have a figure over channels that should.
-- Definitions: models/docs/quality.md.

with expected as (

    select * from {{ ref('int_channel_days_expected') }}

),

counted as (

    select
        date_day,
        source_name,
        stream_name,
        count(*) as expected_channels,
        count(*) filter (where is_present) as present_channels
    from expected
    group by date_day, source_name, stream_name

),

final as (

    select
        counted.*,
        {{ ratio('counted.present_channels', 'counted.expected_channels') }}::numeric(9, 6)
            as completeness_rate,
        counted.present_channels > dimensions.target_rate * counted.expected_channels
            as is_on_target
    from counted
    inner join {{ ref('quality_dimensions') }} as dimensions
        on dimensions.dimension = 'completeness'

)

select * from final
