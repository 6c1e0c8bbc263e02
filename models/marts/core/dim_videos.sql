-- Grain: a video of a user's channel, published or not.

with videos as (

    select * from {{ ref('int_videos_joined') }}

)

select * from videos
