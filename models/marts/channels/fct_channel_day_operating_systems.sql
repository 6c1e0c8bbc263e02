-- Grain: a channel, Pacific day and operating system. Definitions: models/docs/audience.md.

{{ channel_day_parts('stg_youtube__channel_day_operating_systems', 'operating_system') }}
