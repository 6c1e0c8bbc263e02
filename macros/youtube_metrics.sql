{% macro youtube_core_metrics() -%}
    (payload ->> 'views')::bigint as views,
    (payload ->> 'engagedViews')::bigint as engaged_views,
    (payload ->> 'estimatedMinutesWatched')::bigint as minutes_watched,
    (payload ->> 'averageViewDuration')::numeric(18, 4) as average_view_duration_seconds,
    ((payload ->> 'averageViewPercentage')::numeric / 100)::numeric(12, 8)
        as average_view_percentage,
    (payload ->> 'likes')::bigint as likes,
    (payload ->> 'dislikes')::bigint as dislikes,
    (payload ->> 'comments')::bigint as comments,
    (payload ->> 'shares')::bigint as shares,
    (payload ->> 'subscribersGained')::bigint as subscribers_gained,
    (payload ->> 'subscribersLost')::bigint as subscribers_lost
{%- endmacro %}


{% macro youtube_revenue_metrics() -%}
    (payload ->> 'estimatedRevenue')::numeric(18, 6) as revenue_usd,
    (payload ->> 'estimatedAdRevenue')::numeric(18, 6) as ad_revenue_usd,
    (payload ->> 'estimatedRedPartnerRevenue')::numeric(18, 6) as red_partner_revenue_usd,
    (payload ->> 'grossRevenue')::numeric(18, 6) as gross_revenue_usd,
    (payload ->> 'cpm')::numeric(18, 6) as cpm_usd,
    (payload ->> 'playbackBasedCpm')::numeric(18, 6) as playback_based_cpm_usd,
    (payload ->> 'monetizedPlaybacks')::bigint as monetized_playbacks,
    (payload ->> 'adImpressions')::bigint as ad_impressions
{%- endmacro %}
