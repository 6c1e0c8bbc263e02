-- Grain: a user. What the user's videos have really cost by the call ledger, failed ones included,
-- against what the channels have earned. Definitions: models/docs/users.md.

with users as (

    select * from {{ ref('dim_users') }}

),

costs as (

    select
        user_id,
        sum(cost_usd) as cost_total_usd,
        count(distinct video_id) as videos_with_cost
    from {{ ref('fct_video_costs') }}
    group by user_id

),

videos as (

    select
        user_id,
        count(*) filter (where published_at <= {{ as_of() }}) as videos_published
    from {{ ref('dim_videos') }}
    where made_by_platform
    group by user_id

),

days as (

    select
        *,
        max(date_day) over () - 29 as start_30d
    from {{ ref('fct_user_days') }}

),

earned as (

    select
        user_id,
        sum(revenue_usd) as revenue_total_usd,
        sum(views) as views_total,
        sum(profit_usd) filter (where date_day >= start_30d) as profit_30d_usd,
        count(profit_usd) filter (where date_day >= start_30d) as days_30d,
        -- The first day whose earnings so far cover the costs so far.
        min(date_day) filter (
            where cumulative_cost_usd > 0 and cumulative_revenue_usd >= cumulative_cost_usd
        ) as break_even_date
    from days
    group by user_id

),

joined as (

    select
        users.user_id,
        coalesce(costs.videos_with_cost, 0) as videos_with_cost,
        coalesce(videos.videos_published, 0) as videos_published,
        coalesce(costs.cost_total_usd, 0) as cost_total_usd,
        earned.revenue_total_usd,
        earned.views_total,
        earned.break_even_date,
        {{ ratio('earned.profit_30d_usd', 'earned.days_30d') }} as profit_per_day_usd
    from users
    left join costs
        on users.user_id = costs.user_id
    left join videos
        on users.user_id = videos.user_id
    left join earned
        on users.user_id = earned.user_id

),

final as (

    select
        user_id,
        videos_with_cost,
        videos_published,
        cost_total_usd::numeric(18, 6) as cost_total_usd,
        {{ ratio('cost_total_usd', 'videos_published') }}::numeric(18, 6) as cost_per_video_usd,
        revenue_total_usd::numeric(18, 6) as revenue_total_usd,
        (revenue_total_usd - cost_total_usd)::numeric(18, 6) as profit_total_usd,
        {{ ratio('revenue_total_usd - cost_total_usd', 'cost_total_usd') }}::numeric(18, 6)
            as roi_total,
        ceil({{ ratio('cost_total_usd * views_total', 'revenue_total_usd') }})::bigint
            as break_even_views,
        break_even_date,
        case
            when revenue_total_usd >= cost_total_usd then 0
            when profit_per_day_usd > 0
                then ceil((cost_total_usd - revenue_total_usd) / profit_per_day_usd)
        end::bigint as days_to_break_even
    from joined

)

select * from final
