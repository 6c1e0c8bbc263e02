"""A user's Channel analytics: the videos that do best, and when to publish the next."""

from __future__ import annotations

from grafana_foundation_sdk.builders import table

from grafana.about import About
from grafana.layout import Band, Section
from grafana.panels import Column, heat_table_panel, row_field, table_panel


def sections(chosen: str) -> list[Section]:
    """Give the sections on videos; `chosen` is the condition that picks the channels."""
    return [
        Section("Which videos do best?", [Band(11, [(24, _best_videos(chosen))])]),
        Section(
            "When should videos be published?",
            [Band(8, [(24, _schedule(chosen))]), Band(8, [(24, _best_slots(chosen))])],
        ),
    ]


def _best_videos(chosen: str) -> table.Panel:
    about = About(
        "Best videos",
        "The twenty most viewed of the videos published in the time range; a click on a title "
        "opens the video.",
        "Views are the latest public counter, CTR clicks on the thumbnail over impressions, "
        "retention the part of the video that is watched. To niche median: views over the median "
        "of videos in the same niche. Revenue is of the video's whole life.",
        ("marts.video_performance", "marts.dim_channels"),
        "locale",
        "No video was published in this time range",
    )
    sql = f"""\
select
    videos.title as "Title",
    channels.channel_name as "Channel",
    videos.published_at as "Published",
    videos.views as "Views",
    videos.click_through_rate as "CTR",
    videos.retention_rate as "Retention",
    videos.engagement_rate as "Engagement",
    videos.views_to_niche_median_ratio as "To niche median",
    videos.revenue_usd as "Revenue",
    videos.youtube_video_id as "YouTube id"
from marts.video_performance as videos
inner join marts.dim_channels as channels
    on videos.user_id = channels.user_id
    and videos.channel_id = channels.channel_id
where $__timeFilter(videos.published_at)
    and videos.{chosen}
order by videos.views desc nulls last, videos.video_id
limit 20"""
    watch = f"https://www.youtube.com/watch?v={row_field('YouTube id')}"
    rate = Column(unit="percentunit", decimals=1, width=110)
    return table_panel(
        about,
        sql,
        columns={
            "Title": Column(link=("Watch on YouTube", watch)),
            "Channel": Column(width=200),
            "Published": Column(unit="time:YYYY-MM-DD HH:mm", width=150),
            "Views": Column(width=100),
            "CTR": rate,
            "Retention": rate,
            "Engagement": rate,
            "To niche median": Column(unit="none", decimals=1, width=120),
            "Revenue": Column(unit="currencyUSD", decimals=2, width=100),
            "YouTube id": Column(hidden=True),
        },
    )


def _schedule(chosen: str) -> table.Panel:
    hours = ",\n".join(
        "    sum(views_to_channel_median_ratio * videos) filter (where hour_of_day = "
        f"{hour})\n    / nullif(sum(videos) filter (where hour_of_day = {hour}), 0)"
        f' as "{hour:02d}"'
        for hour in range(24)
    )
    about = About(
        "Upload schedule",
        "How well videos do by the weekday and hour of their publication: 1 is a channel's usual, "
        "2 twice that.",
        "Median views of the first week of the slot's videos over the channel's own median, "
        "weighted by the number of videos; in your time zone, over all videos whose first week is "
        "reported. Empty: no video was published then. The time range does not matter.",
        ("marts.channel_upload_times",),
        "none",
        "No video is a week old yet",
    )
    sql = f"""\
select
    trim(to_char(date '2024-01-01' + weekday - 1, 'Day')) as "Weekday",
{hours}
from marts.channel_upload_times
where slot_type = 'weekday_hour'
    and {chosen}
group by weekday
order by weekday"""
    return heat_table_panel(about, sql, labels={"Weekday": 110}, decimals=1).min(0).max(2)


def _best_slots(chosen: str) -> table.Panel:
    about = About(
        "Best slots",
        "Each channel's best weekday and best hour to publish, with the number of videos that "
        "say so.",
        "The slot with the highest median of first-week views among those with enough videos to "
        "compare (five). To usual: that median over the channel's own. In your time zone.",
        ("marts.channel_upload_times", "marts.dim_channels"),
        "locale",
        "No slot has five videos yet",
    )
    sql = f"""\
select
    channels.channel_name as "Channel",
    replace(slots.slot_type, '_', ' and ') as "By",
    slots.slot as "Best",
    slots.videos as "Videos",
    slots.median_first_week_views as "Median views",
    slots.views_to_channel_median_ratio as "To usual"
from marts.channel_upload_times as slots
inner join marts.dim_channels as channels
    on slots.user_id = channels.user_id
    and slots.channel_id = channels.channel_id
where slots.is_best
    and slots.{chosen}
order by channels.channel_name, channels.channel_id, slots.slot_type"""
    return table_panel(
        about,
        sql,
        columns={
            "Videos": Column(width=100),
            "Median views": Column(decimals=0, width=140),
            "To usual": Column(unit="none", decimals=2, width=140),
        },
    )
