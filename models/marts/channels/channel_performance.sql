-- Grain: a channel, as it stands at the last report date: totals, the periods of 7, 28, 30 and 90
-- days against the period before, target and tier. Definitions: models/docs/channels.md.

{#- (period, column of fct_channel_periods, column here, type) -#}
{%- set decimal = 'numeric(18, 6)' -%}
{%- set figures = [] -%}
{%- for days in [7, 28, 30, 90] -%}
    {%- do figures.extend([
        (days, 'views', 'views_%sd' % days, 'bigint'),
        (days, 'previous_views', 'views_previous_%sd' % days, 'bigint'),
        (days, 'views_growth', 'views_growth_%sd' % days, decimal),
        (days, 'revenue_usd', 'revenue_%sd_usd' % days, decimal),
        (days, 'previous_revenue_usd', 'revenue_previous_%sd_usd' % days, decimal),
        (days, 'revenue_growth', 'revenue_growth_%sd' % days, decimal),
        (days, 'subscribers_net', 'subscribers_net_%sd' % days, 'bigint'),
        (days, 'previous_subscribers_net', 'subscribers_net_previous_%sd' % days, 'bigint'),
        (days, 'subscribers_growth', 'subscribers_growth_%sd' % days, decimal),
    ]) -%}
{%- endfor -%}
{%- do figures.extend([
    (30, 'cost_usd', 'cost_30d_usd', decimal),
    (30, 'profit_usd', 'profit_30d_usd', decimal),
    (30, 'roi', 'roi_30d', decimal),
    (30, 'videos_published', 'videos_30d', 'bigint'),
    (30, 'rpm', 'rpm_30d', decimal),
    (30, 'engagement_rate', 'engagement_rate_30d', 'numeric(18, 8)'),
    (30, 'retention_rate', 'retention_rate_30d', 'numeric(18, 8)'),
    (30, 'click_through_rate', 'click_through_rate_30d', 'numeric(18, 8)'),
]) %}

with channels as (

    select * from {{ ref('dim_channels') }}

),

days as (

    select * from {{ ref('fct_channel_days') }}

),

periods as (

    select * from {{ ref('fct_channel_periods') }}

),

tiers as (

    select * from {{ ref('channel_tier_thresholds') }}

),

totals as (

    select
        user_id,
        channel_id,
        sum(views)::bigint as views_total,
        sum(revenue_usd)::numeric(18, 6) as revenue_total_usd,
        sum(cost_usd)::numeric(18, 6) as cost_total_usd,
        sum(revenue_usd) filter (
            where date_day >= {{ utc_month(as_of()) }}
        )::numeric(18, 6) as revenue_month_to_date_usd
    from days
    group by user_id, channel_id

),

videos as (

    select
        user_id,
        channel_id,
        count(*) as videos_total,
        avg(views)::numeric(18, 2) as average_views_per_video
    from {{ ref('dim_videos') }}
    where published_at <= {{ as_of() }}
    group by user_id, channel_id

),

pivoted as (

    select
        user_id,
        channel_id,
        {% for days, figure, name, type in figures %}
        max({{ figure }}) filter (where period_days = {{ days }})::{{ type }} as {{ name }},
        {% endfor %}
        max(period_end) as last_report_date
    from periods
    group by user_id, channel_id

),

joined as (

    select
        channels.user_id,
        channels.channel_id,
        channels.channel_name,
        channels.youtube_channel_id,
        channels.niche,
        channels.subscribers,
        totals.views_total,
        totals.revenue_total_usd,
        coalesce(totals.cost_total_usd, 0)::numeric(18, 6) as cost_total_usd,
        coalesce(videos.videos_total, 0) as videos_total,
        videos.average_views_per_video,
        coalesce(totals.revenue_month_to_date_usd, 0)::numeric(18, 6)
            as revenue_month_to_date_usd,
        channels.monthly_revenue_target_usd,
        {{ ratio(
            'coalesce(totals.revenue_month_to_date_usd, 0)', 'channels.monthly_revenue_target_usd'
        ) }}::numeric(18, 6) as target_progress_rate,
        tiers.performance_tier,
        {% for days, figure, name, type in figures %}
        pivoted.{{ name }},
        {% endfor %}
        pivoted.last_report_date
    from channels
    inner join pivoted
        on channels.user_id = pivoted.user_id and channels.channel_id = pivoted.channel_id
    left join totals
        on channels.user_id = totals.user_id and channels.channel_id = totals.channel_id
    left join videos
        on channels.user_id = videos.user_id and channels.channel_id = videos.channel_id
    -- Nothing can be said of a channel that YouTube has never reported.
    left join tiers
        on
            {{ within_band('pivoted.revenue_30d_usd', 'tiers') }}
            and channels.first_report_date is not null

)

select * from joined
