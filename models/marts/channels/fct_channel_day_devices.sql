-- Grain: a channel, Pacific day and type of device. Definitions: models/docs/audience.md.

with channels as (

    select * from {{ ref('dim_channels') }}

),

parts as (

    select * from {{ ref('stg_youtube__channel_day_devices') }}
    where report_date < {{ pacific_date(as_of()) }}

),

joined as (

    select
        channels.user_id,
        channels.channel_id,
        parts.report_date as date_day,
        parts.device_type,
        {{ channel_day_part_metrics() }}
    from parts
    inner join channels
        on parts.youtube_channel_id = channels.youtube_channel_id
    window whole as (partition by channels.channel_id, parts.report_date)

)

select * from joined
