"""The Channel performance dashboard's videos: the best, their length, their time, what to try."""

from __future__ import annotations

from grafana_foundation_sdk.builders import barchart, table

from grafana.about import About
from grafana.dashboards.channels_figures import THIS_CHANNEL
from grafana.dashboards.house import COST_TEXT_STEPS, HIDDEN, SEVERITY, SHARE, USD, watch_column
from grafana.layout import Band, Section
from grafana.panels import Column, bar_panel, heat_table_panel, row_field, table_panel

_VIDEOS = "marts.video_performance"
_CHANNELS = "marts.dim_channels"
# By way of the user, with whom the index of videos begins.
_THIS_CHANNELS = f"""\
(user_id, channel_id) in (
        select user_id, channel_id from {_CHANNELS} where {THIS_CHANNEL}
    )"""
_YES = "case when {} then 'yes' else '' end"


def sections() -> list[Section]:
    """Give the sections on the chosen channel's videos."""
    return [
        Section(
            "Which of its videos do best?",
            [Band(7, [(10, _best()), (14, _lengths())]), Band(12, [(24, _top())])],
        ),
        Section(
            "When do its videos do best?", [Band(8, [(18, _upload_hours()), (6, _best_slots())])]
        ),
        Section(
            "What should be tried, what was tried?",
            [Band(6, [(14, _suggestions()), (10, _attention())]), Band(9, [(24, _thumbnails())])],
        ),
    ]


def _best() -> barchart.Panel:
    about = About(
        "Best videos",
        "The five most viewed of the videos published in the time range; a click opens one.",
        "By the latest public counter of views.",
        (_VIDEOS, _CHANNELS),
        "short",
        "No video was published in this time range",
    )
    sql = f"""\
select
    title as "Title",
    views as "Views",
    youtube_video_id as "YouTube id"
from {_VIDEOS}
where {_THIS_CHANNELS}
    and $__timeFilter(published_at)
order by views desc nulls last, video_id
limit 5"""
    watch = f"https://www.youtube.com/watch?v={row_field('YouTube id')}"
    return bar_panel(about, sql, category="Title", color="blue", link=("Watch on YouTube", watch))


def _top() -> table.Panel:
    about = About(
        "Top performing videos",
        "The twenty most viewed of the videos published in the time range.",
        "Views are the latest public counter, an hour those of the latest report day / 24. "
        "Revenue and cost are of the whole life. The tier compares the views with those of the "
        "niche's videos older than a week; a niche with fewer than five has none.",
        (_VIDEOS, _CHANNELS),
        "locale",
        "No video was published in this time range",
    )
    sql = f"""\
select
    title as "Title",
    views as "Views",
    view_velocity_per_hour as "Views an hour",
    engagement_rate as "Engagement",
    retention_rate as "Retention",
    click_through_rate as "Clicks",
    revenue_usd as "Revenue",
    cost_usd as "Cost",
    roi as "ROI",
    initcap(replace(performance_tier, '_', ' ')) as "Tier",
    published_at as "Published",
    youtube_video_id as "YouTube id"
from {_VIDEOS}
where {_THIS_CHANNELS}
    and $__timeFilter(published_at)
order by views desc nulls last, video_id
limit 20"""
    return table_panel(
        about,
        sql,
        columns={
            "Title": watch_column(),
            "Views": Column(width=90),
            "Views an hour": Column(decimals=1, width=120),
            "Engagement": Column(unit="percentunit", decimals=2, width=110),
            "Retention": SHARE,
            "Clicks": Column(unit="percentunit", decimals=1, width=80),
            "Revenue": Column(unit="currencyUSD", decimals=2, width=90),
            "Cost": Column(unit="currencyUSD", decimals=2, width=80, steps=COST_TEXT_STEPS),
            "ROI": Column(unit="percentunit", decimals=0, width=80),
            "Tier": Column(width=140),
            "Published": Column(unit="time:YYYY-MM-DD HH:mm", width=150),
            "YouTube id": HIDDEN,
        },
    )


def _lengths() -> table.Panel:
    about = About(
        "Retention by length band",
        "How much of its videos is watched, and what they bring, by their length.",
        "Retention is minutes watched / minutes that full views would have taken, of all "
        "published videos of the band. The best of at least two bands with five videos is "
        "marked; median views are of videos older than a week. The time range does not matter.",
        ("marts.channel_retention_by_length_band",),
        "locale",
        "The channel has no published videos",
    )
    sql = f"""\
select
    replace(replace(length_band, '_minutes', ' minutes'), '_', ' ') as "Length",
    videos as "Videos",
    retention_rate as "Retention",
    median_views as "Median views",
    engagement_rate as "Engagement",
    rpm as "RPM",
    roi as "ROI",
    {_YES.format("is_best")} as "Best"
from marts.channel_retention_by_length_band
where {THIS_CHANNEL}
order by case length_band
    when 'below_1_minute' then 1
    when '1_to_5_minutes' then 2
    when '5_to_10_minutes' then 3
    when '10_to_20_minutes' then 4
    else 5
end, length_band"""
    return table_panel(
        about,
        sql,
        columns={
            "Length": Column(width=180),
            "Videos": Column(width=80),
            "Retention": SHARE,
            "Median views": Column(decimals=0, width=120),
            "Engagement": SHARE,
            "RPM": USD,
            "ROI": Column(unit="percentunit", decimals=0, width=90),
            "Best": Column(width=70),
        },
    )


def _upload_hours() -> table.Panel:
    about = About(
        "First-week views by upload time",
        "When the channel's videos were published, and how they did: weekdays by hours of the "
        "owner's clock, the stronger the more views.",
        "Median of the reported views in the first 168 hours of the videos published in that "
        "hour whose first week is wholly reported. Empty where there are none; few videos stand "
        "behind each hour. What was is told, not a cause. The time range does not matter.",
        ("marts.channel_upload_times",),
        "short",
        "No video has a whole first week yet",
    )
    hours = ",\n".join(
        f'    max(median_first_week_views) filter (where hour_of_day = {hour}) as "{hour:02d}"'
        for hour in range(24)
    )
    sql = f"""\
select
    left(max(slot), 3) as "Day",
{hours}
from marts.channel_upload_times
where {THIS_CHANNEL} and slot_type = 'weekday_hour'
group by weekday
order by weekday"""
    return heat_table_panel(about, sql, labels={"Day": 60}, decimals=0)


def _best_slots() -> table.Panel:
    about = About(
        "Best upload times",
        "The weekday and the hours whose videos did best in their first week.",
        "Median first-week views of the slot over that of all of the channel's videos. Only "
        "slots with at least five videos, by the owner's clock. Time range does not matter.",
        ("marts.channel_upload_times",),
        "locale",
        "No time has five videos yet",
    )
    sql = f"""\
select
    slot as "Slot",
    videos as "Videos",
    views_to_channel_median_ratio as "To median"
from marts.channel_upload_times
where {THIS_CHANNEL} and slot_type in ('weekday', 'hour') and is_comparable
order by views_to_channel_median_ratio desc nulls last, slot
limit 6"""
    return table_panel(
        about,
        sql,
        columns={
            "Slot": Column(width=100),
            "Videos": Column(width=80),
            "To median": Column(unit="percentunit", decimals=0, width=110),
        },
    )


def _suggestions() -> table.Panel:
    about = About(
        "Optimisation suggestions",
        "What the channel's own figures, or those of its niche, suggest to try.",
        "Rules over the marts with a least number of videos and a least gain; no model guesses. "
        "The gain is what the evidence shows, it is no promise: other things differ too. Only "
        "videos older than a week count. The time range does not matter.",
        ("marts.optimisation_suggestions",),
        "locale",
        "No rule finds a better way",
    )
    sql = f"""\
select
    suggestion as "What to try",
    expected_effect_rate as "Gain",
    videos_measured as "Videos"
from marts.optimisation_suggestions
where {THIS_CHANNEL}
order by expected_effect_rate desc, rule"""
    return table_panel(
        about, sql, columns={"Gain": SHARE, "Videos": Column(width=80), "What to try": Column()}
    )


def _attention() -> table.Panel:
    about = About(
        "What is wrong with it",
        "Reasons to look at the channel, the gravest first.",
        "Rules with the thresholds of the seed attention_rules, such as views of 7 days more "
        "than 30% below the 7 before. The time range does not matter.",
        ("marts.channels_needing_attention",),
        "string",
        "Nothing: no rule is broken",
    )
    sql = f"""\
select
    initcap(severity) as "Severity",
    evidence as "Evidence"
from marts.channels_needing_attention
where {THIS_CHANNEL}
order by array_position(array['high', 'medium', 'low'], severity), reason"""
    return table_panel(about, sql, columns={"Severity": SEVERITY, "Evidence": Column()})


def _thumbnails() -> table.Panel:
    about = About(
        "Thumbnail tests",
        "The latest tests of two or more thumbnails for one video, a row a variant.",
        "Click-through is clicks / impressions of the variant, its lift against the best of the "
        "others. The winner has the highest rate of its test; significant says "
        "that it is hardly chance. The time range does not matter.",
        ("marts.thumbnail_tests", "marts.dim_videos"),
        "locale",
        "No thumbnails were tested",
    )
    sql = f"""\
select
    videos.title as "Video",
    tests.variant as "Variant",
    tests.impressions as "Impressions",
    tests.clicks as "Clicks",
    tests.click_through_rate as "Click-through",
    tests.click_through_lift as "Lift",
    {_YES.format("tests.is_significant")} as "Significant",
    {_YES.format("tests.is_winner")} as "Winner",
    videos.youtube_video_id as "YouTube id"
from marts.thumbnail_tests as tests
inner join marts.dim_videos as videos
    on tests.user_id = videos.user_id
    and tests.video_id = videos.video_id
where tests.{THIS_CHANNEL} and tests.variants > 1
    and tests.impressions > 0
order by videos.published_at desc nulls last, tests.video_id, tests.variant
limit 40"""
    return table_panel(
        about,
        sql,
        columns={
            "Video": watch_column(),
            "Variant": Column(width=90),
            "Impressions": Column(width=110),
            "Clicks": Column(width=90),
            "Click-through": Column(unit="percentunit", decimals=2, width=120),
            "Lift": SHARE,
            "Significant": Column(width=110),
            "Winner": Column(width=90),
            "YouTube id": HIDDEN,
        },
    )
