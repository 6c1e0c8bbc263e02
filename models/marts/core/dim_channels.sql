-- Grain: a channel that a user connected to the platform.

with channels as (

    select * from {{ ref('int_channels_joined') }}

)

select * from channels
