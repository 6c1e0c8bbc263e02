-- A table: a view would be dropped whenever the mart below it is built alone.
{{ config(materialized='table') }}

-- Grain: a user with any cost or publication in the as-of UTC month up to the as-of instant.

with costs as (

    select
        user_id,
        sum(cost_usd) as cost_usd
    from {{ ref('fct_video_costs') }}
    where cost_date >= {{ utc_month(as_of()) }}
    group by user_id

),

videos as (

    select
        user_id,
        count(*) as videos
    from {{ ref('dim_videos') }}
    where published_date >= {{ utc_month(as_of()) }} and published_at <= {{ as_of() }}
    group by user_id

),

joined as (

    select
        coalesce(costs.user_id, videos.user_id) as user_id,
        coalesce(costs.cost_usd, 0)::numeric(18, 6) as cost_month_to_date_usd,
        coalesce(videos.videos, 0) as videos_month_to_date
    from costs
    full join videos
        on costs.user_id = videos.user_id

)

select * from joined
