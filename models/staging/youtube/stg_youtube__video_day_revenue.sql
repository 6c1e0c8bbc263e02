-- Grain: the revenue of a video on a Pacific day, as last restated.

with source as (

    select * from {{ source('youtube', 'video_day_revenue') }}

),

renamed as (

    select
        -- ids
        channel_id as youtube_channel_id,
        video_id as youtube_video_id,

        -- dates
        report_date,

        -- numerics (US dollars; a cpm is dollars a thousand)
        (payload ->> 'estimatedRevenue')::numeric(18, 6) as revenue_usd,
        (payload ->> 'estimatedAdRevenue')::numeric(18, 6) as ad_revenue_usd,
        (payload ->> 'estimatedRedPartnerRevenue')::numeric(18, 6) as red_partner_revenue_usd,
        (payload ->> 'grossRevenue')::numeric(18, 6) as gross_revenue_usd,
        (payload ->> 'cpm')::numeric(18, 6) as cpm_usd,
        (payload ->> 'playbackBasedCpm')::numeric(18, 6) as playback_based_cpm_usd,
        (payload ->> 'monetizedPlaybacks')::bigint as monetized_playbacks,
        (payload ->> 'adImpressions')::bigint as ad_impressions,

        -- timestamps
        _loaded_at

    from source

)

select * from renamed
