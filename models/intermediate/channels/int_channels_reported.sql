-- Grain: a channel (YouTube's id) with at least one report: which days are known, and whether it is
-- monetised. YouTube refuses revenue reports of a channel that is not, so it has none.

with days as (

    select * from {{ ref('int_channel_days_reported') }}

),

summed as (

    select
        youtube_channel_id,
        min(report_date) filter (where has_core_report) as first_report_date,
        max(report_date) filter (where has_core_report) as last_report_date,
        bool_or(has_revenue_report) as is_monetised
    from days
    group by youtube_channel_id

)

select * from summed
