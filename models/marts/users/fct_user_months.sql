-- Grain: a user and month, every month from the user's first report or cost to the as-of month.
-- Reports count in the month of their Pacific day, costs and publications in the UTC
-- month. Definitions: models/docs/users.md.

with days as (

    select
        user_id,
        date_trunc('month', date_day::timestamp)::date as month_start,
        sum(views)::bigint as views,
        sum(revenue_usd) as revenue_usd,
        count(*) filter (where is_known and not has_missing_revenue) as known_days
    from {{ ref('fct_user_days') }}
    group by user_id, date_trunc('month', date_day::timestamp)

),

costs as (

    select
        user_id,
        date_trunc('month', cost_date::timestamp)::date as month_start,
        sum(cost_usd) as cost_usd
    from {{ ref('fct_video_costs') }}
    group by user_id, date_trunc('month', cost_date::timestamp)

),

videos as (

    select
        user_id,
        date_trunc('month', published_date::timestamp)::date as month_start,
        count(*) as videos_published
    from {{ ref('dim_videos') }}
    where published_at <= {{ as_of() }}
    group by user_id, date_trunc('month', published_date::timestamp)

),

first_months as (

    select
        user_id,
        min(month_start) as first_month
    from (
        select
            user_id,
            month_start
        from days
        union all
        select
            user_id,
            month_start
        from costs
    ) as months
    group by user_id

),

spined as (

    select
        first_months.user_id,
        series.month_start::date as month_start
    from first_months
    cross join lateral generate_series(
        first_months.first_month::timestamp,
        {{ utc_month(as_of()) }}::timestamp,
        interval '1 month'
    ) as series (month_start)

),

joined as (

    select
        spined.user_id,
        spined.month_start,
        spined.month_start < {{ utc_month(as_of()) }} as is_complete_month,
        coalesce(days.known_days, 0) as known_days,
        coalesce(days.known_days, 0) = extract(
            day from spined.month_start + interval '1 month' - interval '1 day'
        ) as is_fully_reported,
        days.views,
        days.revenue_usd,
        coalesce(costs.cost_usd, 0) as cost_usd,
        coalesce(videos.videos_published, 0) as videos_published
    from spined
    left join days
        on spined.user_id = days.user_id and spined.month_start = days.month_start
    left join costs
        on spined.user_id = costs.user_id and spined.month_start = costs.month_start
    left join videos
        on spined.user_id = videos.user_id and spined.month_start = videos.month_start

),

compared as (

    select
        *,
        -- Months have no holes, so that the row before is the month before.
        lag(revenue_usd) over by_month as previous_revenue_usd,
        is_fully_reported and lag(is_fully_reported) over by_month as is_comparable
    from joined
    window by_month as (partition by user_id order by month_start)

),

final as (

    select
        user_id,
        month_start,
        is_complete_month,
        known_days,
        is_fully_reported,
        views,
        revenue_usd::numeric(18, 6) as revenue_usd,
        cost_usd::numeric(18, 6) as cost_usd,
        (revenue_usd - cost_usd)::numeric(18, 6) as profit_usd,
        {{ ratio('revenue_usd - cost_usd', 'cost_usd') }}::numeric(18, 6) as roi,
        case
            when is_comparable
                then {{ ratio('revenue_usd - previous_revenue_usd', 'previous_revenue_usd') }}
        end::numeric(18, 6) as revenue_growth_rate,
        ceil({{ ratio('cost_usd * views', 'revenue_usd') }})::bigint as break_even_views,
        revenue_usd >= cost_usd as is_break_even,
        videos_published
    from compared

)

select * from final
