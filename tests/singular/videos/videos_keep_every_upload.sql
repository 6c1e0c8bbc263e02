-- Reconciliation with staging: every video of our channels on YouTube is in dim_videos once, with
-- its title byte for byte.

with channels as (

    select * from {{ ref('dim_channels') }}

),

staged as (

    select * from {{ ref('stg_youtube__videos') }}
    where published_at <= {{ as_of() }} or published_at is null

),

uploads as (

    select
        channels.user_id,
        staged.youtube_video_id,
        staged.title
    from staged
    inner join channels
        on staged.youtube_channel_id = channels.youtube_channel_id

),

videos as (

    select
        youtube_video_id,
        min(title) as title,
        count(*) as rows_found
    from {{ ref('dim_videos') }}
    where is_on_youtube
    group by youtube_video_id

)

select
    coalesce(uploads.youtube_video_id, videos.youtube_video_id) as youtube_video_id,
    uploads.title as upload_title,
    videos.title,
    videos.rows_found
from uploads
full join videos
    on uploads.youtube_video_id = videos.youtube_video_id
where
    uploads.title is distinct from videos.title
    or videos.rows_found is distinct from 1
