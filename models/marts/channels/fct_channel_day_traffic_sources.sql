-- Grain: a channel, Pacific day and way to its videos. Definitions: models/docs/audience.md.

{{ channel_day_parts('stg_youtube__channel_day_traffic_sources', 'traffic_source') }}
