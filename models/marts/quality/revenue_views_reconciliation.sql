-- Grain: a channel and Pacific day that YouTube has told the totals of, or reported videos of.
-- Definitions: models/docs/quality.md.

with channels as (

    select * from {{ ref('dim_channels') }}

),

thresholds as (

    select threshold as difference_rate from {{ ref('quality_thresholds') }}
    where threshold_name = 'reconciliation_difference_rate'

),

totals as (

    select * from {{ ref('int_channel_days_reported') }}

),

video_sums as (

    select * from {{ ref('int_video_days_summed_to_channel_days') }}

),

days as (

    select
        coalesce(totals.youtube_channel_id, video_sums.youtube_channel_id) as youtube_channel_id,
        coalesce(totals.report_date, video_sums.report_date) as date_day,
        totals.views as youtube_views,
        totals.revenue_usd as youtube_revenue_usd,
        coalesce(video_sums.views, case when totals.views is not null then 0 end) as our_views,
        coalesce(
            video_sums.revenue_usd, case when totals.revenue_usd is not null then 0 end
        ) as our_revenue_usd
    from totals
    full join video_sums
        on
            totals.youtube_channel_id = video_sums.youtube_channel_id
            and totals.report_date = video_sums.report_date

),

compared as (

    select
        channels.user_id,
        channels.channel_id,
        days.date_day,
        days.our_views,
        days.youtube_views,
        days.our_views - days.youtube_views as views_difference,
        days.our_revenue_usd,
        days.youtube_revenue_usd,
        days.our_revenue_usd - days.youtube_revenue_usd as revenue_difference_usd,
        thresholds.difference_rate,
        days.date_day < {{ pacific_date(as_of()) }} - 7 as is_views_final,
        days.date_day < {{ pacific_date(as_of()) }} - 45 as is_revenue_final
    from days
    inner join channels
        on days.youtube_channel_id = channels.youtube_channel_id
    cross join thresholds

),

final as (

    select
        user_id,
        channel_id,
        date_day,
        our_views::bigint as our_views,
        youtube_views::bigint as youtube_views,
        views_difference::bigint as views_difference,
        {{ ratio('views_difference', 'youtube_views') }}::numeric(18, 6) as views_difference_rate,
        views_difference = 0 or abs(views_difference) < difference_rate * youtube_views
            as is_views_reconciled,
        is_views_final,
        our_revenue_usd::numeric(18, 6) as our_revenue_usd,
        youtube_revenue_usd::numeric(18, 6) as youtube_revenue_usd,
        revenue_difference_usd::numeric(18, 6) as revenue_difference_usd,
        {{ ratio('revenue_difference_usd', 'youtube_revenue_usd') }}::numeric(18, 6)
            as revenue_difference_rate,
        revenue_difference_usd = 0
        or abs(revenue_difference_usd) < difference_rate * youtube_revenue_usd
            as is_revenue_reconciled,
        is_revenue_final
    from compared

)

select * from final
