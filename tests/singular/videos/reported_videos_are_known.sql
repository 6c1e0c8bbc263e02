-- Report days of a video that is on none of the users' channels in dim_videos: its views and
-- revenue are in the channel's figures and on no video. YouTube goes on reporting deleted videos,
-- so a few are in order.

{{ config(severity='warn') }}

with reported as (

    select * from {{ ref('int_videos_reported') }}

),

videos as (

    select * from {{ ref('dim_videos') }}

)

select
    reported.youtube_video_id,
    reported.views,
    reported.revenue_usd
from reported
left join videos
    on reported.youtube_video_id = videos.youtube_video_id
where videos.video_id is null
