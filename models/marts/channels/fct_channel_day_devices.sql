-- Grain: a channel, Pacific day and type of device. Definitions: models/docs/audience.md.

{{ channel_day_parts('stg_youtube__channel_day_devices', 'device_type') }}
