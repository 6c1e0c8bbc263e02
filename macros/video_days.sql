{# What raw tables tell of a channel's day, without reading any figure of it. #}
{% macro video_days_told() -%}
    select
        youtube_channel_id, report_date,
        count(*) filter (where kind = 1) as core_reports,
        count(*) filter (where kind = 2) as revenue_reports,
        count(*) filter (where kind = 4) as reaches,
        sum(impressions) as impressions, sum(clicks) as clicks, max(loaded_at) as loaded_at
    from (
        select
            youtube_channel_id, report_date, 1 as kind, null::bigint as impressions,
            null::bigint as clicks, _loaded_at as loaded_at
        from {{ ref('stg_youtube__video_day_core') }}
        union all
        select youtube_channel_id, report_date, 2, null, null, _loaded_at
        from {{ ref('stg_youtube__video_day_revenue') }}
        union all
        select youtube_channel_id, report_date, 4, impressions, clicks, loaded_at
        from {{ ref('int_video_days_reached') }}
        where youtube_video_id is not null
    ) as reports
    where report_date < {{ pacific_date(as_of()) }}
    group by youtube_channel_id, report_date
{%- endmacro %}


{# Deletes the days of channels that are built of something else than what is told now; the model
   then inserts the days that are not there. A table of an older release is made anew. #}
{% macro delete_stale_video_days() -%}
    {%- if execute and is_incremental() -%}
    delete from {{ this }} as days
    {%- set names = adapter.get_columns_in_relation(this) | map(attribute='name') | list -%}
    {%- if 'built_of' in names %}
    using ({{ stale_video_days() }}) as stale
    where
        days.user_id = stale.user_id and days.channel_id = stale.channel_id
        and days.date_day = stale.date_day
    {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{# What is not equal: another owner, a figure landed or gone, a channel or day not known as of now;
   and the days of videos that the platform has got to know, or has lost. #}
{% macro stale_video_days() -%}
    select user_id, channel_id, date_day from {{ this }} group by user_id, channel_id, date_day
    except
    select channels.user_id, channels.channel_id, built.date_day
    from ({{ video_days_built() }}) as built
    inner join {{ ref('dim_channels') }} as channels
        on built.user_id = channels.user_id and built.channel_id = channels.channel_id
    inner join ({{ video_days_told() }}) as told
        on channels.youtube_channel_id = told.youtube_channel_id
        and built.date_day = told.report_date
    where (
        built.core_reports, built.revenue_reports, built.reaches, built.impressions,
        built.clicks, built.loaded_at, built.is_monetised
    ) is not distinct from (
        told.core_reports, told.revenue_reports, told.reaches, told.impressions,
        told.clicks, told.loaded_at, channels.is_monetised
    )
    union
    select days.user_id, days.channel_id, days.date_day
    from {{ this }} as days
    where (days.user_id, days.video_id) in ({{ renamed_videos() }})
{%- endmacro %}


{% macro video_days_built() -%}
    select
        user_id, channel_id, date_day,
        count(*) filter (where built_of & 1 > 0) as core_reports,
        count(*) filter (where built_of & 2 > 0) as revenue_reports,
        count(*) filter (where built_of & 4 > 0) as reaches,
        sum(impressions) as impressions, sum(clicks) as clicks, max(loaded_at) as loaded_at,
        bool_or(built_of & 8 > 0) as is_monetised
    from {{ this }}
    group by user_id, channel_id, date_day
{%- endmacro %}


{% macro renamed_videos() -%}
    select built.user_id, built.video_id
    from (
        select distinct user_id, channel_id, video_id, youtube_video_id from {{ this }}
    ) as built
    left join {{ ref('dim_videos') }} as videos
        on built.user_id = videos.user_id and built.channel_id = videos.channel_id
        and built.youtube_video_id = videos.youtube_video_id
    where built.video_id
        <> coalesce(videos.video_id, md5('youtube:' || built.youtube_video_id)::uuid)
{%- endmacro %}


{# The step of fct_video_days that finds the days of channels that are told and not built. #}
{% macro missing_video_days() -%}
    {%- if is_incremental() -%}
missing as (

    select told.youtube_channel_id, told.report_date
    from ({{ video_days_told() }}) as told
    inner join {{ ref('dim_channels') }} as channels
        on told.youtube_channel_id = channels.youtube_channel_id
    left join (select distinct channel_id, date_day from {{ this }}) as built
        on channels.channel_id = built.channel_id and told.report_date = built.date_day
    where built.date_day is null

),
    {%- endif -%}
{%- endmacro %}


{# The condition on what is told. The days stand in it by themselves too, so that the figures of
   others are not even read. #}
{% macro is_video_day_wanted() -%}
    {%- if is_incremental() -%}
    report_date = any(array(select distinct missing.report_date from missing))
        and (youtube_channel_id, report_date) in (select * from missing)
    {%- else -%}
    report_date < {{ pacific_date(as_of()) }}
    {%- endif -%}
{%- endmacro %}
