-- Grain: a channel, Pacific day and country of its viewers. Definitions: models/docs/audience.md.

{{ channel_day_parts('stg_youtube__channel_day_countries', 'country') }}
