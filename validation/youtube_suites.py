"""What is expected of YouTube's streams.

Analytics and bulk reports are dated by Pacific days; a report for a day that has not begun there
is a mistake. A figure of an empty day is absent, not zero, and likes or comments of a day may be
negative: they are net of what was taken back.
"""

from __future__ import annotations

from validation.expectations import (
    Expectation,
    Figure,
    Kind,
    Suite,
    between,
    not_in_future,
    not_negative,
    numbers,
    wholes,
)

REPORT_IN_TIME = Expectation(
    "report days are not ahead of Pacific time",
    "report_date > $pacific_today",
    advice="A report day is a Pacific date: check the time zone in which the day was read.",
)
_SAME_DAY = Expectation(
    "the row's day is its report day",
    "day <> report_date::text",
    advice="The rows were filed under another day: land those days again with --since.",
)
_ENGAGED = Expectation(
    "engaged views are part of the views",
    '"engagedViews" > views',
    is_critical=False,
    advice="Both counts are kept: compare them with YouTube Studio.",
)


def _report(
    table: str, keys: tuple[str, ...], figures: tuple[Figure, ...], *more: Expectation
) -> Suite:
    return Suite(table, keys, figures, (REPORT_IN_TIME, *more))


_CORE = (
    *wholes("views"),
    *wholes(
        "engagedViews",
        "likes",
        "dislikes",
        "comments",
        "shares",
        "subscribersGained",
        "subscribersLost",
        is_required=False,
    ),
    *numbers(
        "estimatedMinutesWatched", "averageViewDuration", "averageViewPercentage", is_required=False
    ),
    Figure("day", Kind.TEXT),
)
_NOT_NEGATIVE = not_negative(
    "views",
    "engagedViews",
    "shares",
    "subscribersGained",
    "subscribersLost",
    "estimatedMinutesWatched",
    "averageViewDuration",
    "averageViewPercentage",
)
_REVENUE = (
    *numbers("estimatedRevenue"),
    *numbers(
        "estimatedAdRevenue",
        "estimatedRedPartnerRevenue",
        "grossRevenue",
        "cpm",
        "playbackBasedCpm",
        is_required=False,
    ),
    *wholes("monetizedPlaybacks", "adImpressions", is_required=False),
    Figure("day", Kind.TEXT),
)
_SANE_REVENUE = (
    between("estimatedRevenue", -10_000, 1_000_000, "revenue of a day is sane, in US dollars"),
    not_negative("monetizedPlaybacks", "adImpressions"),
    between("cpm", 0, 1_000, "CPM is sane", is_critical=False),
)
_CHANNEL_DAY = ("channel_id", "report_date")
_VIDEO_DAY = (*_CHANNEL_DAY, "video_id")

_DATA = (
    Suite(
        "raw_youtube.channels",
        ("channel_id",),
        (Figure("snippet.publishedAt", Kind.INSTANT, is_required=False),),
        (not_in_future("publishedAt"),),
    ),
    Suite(
        "raw_youtube.channel_snapshots",
        ("channel_id", "captured_at"),
        wholes("viewCount", "videoCount", "subscriberCount", is_required=False),
        (
            not_negative("viewCount", "videoCount", "subscriberCount"),
            not_in_future("captured_at"),
        ),
    ),
    Suite(
        "raw_youtube.playlist_items",
        ("channel_id", "video_id"),
        (Figure("contentDetails.videoPublishedAt", Kind.INSTANT, is_required=False),),
        (not_in_future("videoPublishedAt", is_critical=False),),
    ),
    Suite(
        "raw_youtube.videos",
        ("video_id",),
        (
            Figure("snippet.publishedAt", Kind.INSTANT, is_required=False),
            Figure("contentDetails.duration", Kind.DURATION, is_required=False),
        ),
        (not_in_future("publishedAt"),),
    ),
    Suite(
        "raw_youtube.video_snapshots",
        ("video_id", "captured_at"),
        wholes("viewCount", "likeCount", "commentCount", is_required=False),
        (
            not_negative("viewCount", "likeCount", "commentCount"),
            not_in_future("captured_at"),
            Expectation(
                "likes are not above views",
                '"likeCount" > "viewCount"',
                is_critical=False,
                advice="YouTube counts them apart: only a lasting difference is a mistake.",
            ),
        ),
    ),
)

_ANALYTICS = (
    _report(
        "raw_youtube.channel_day_core", _CHANNEL_DAY, _CORE, _SAME_DAY, _NOT_NEGATIVE, _ENGAGED
    ),
    _report("raw_youtube.video_day_core", _VIDEO_DAY, _CORE, _SAME_DAY, _NOT_NEGATIVE, _ENGAGED),
    _report("raw_youtube.channel_day_revenue", _CHANNEL_DAY, _REVENUE, _SAME_DAY, *_SANE_REVENUE),
    _report("raw_youtube.video_day_revenue", _VIDEO_DAY, _REVENUE, _SAME_DAY, *_SANE_REVENUE),
    *(
        _report(
            f"raw_youtube.channel_day_{part}",
            (*_CHANNEL_DAY, "part"),
            (
                *wholes("views"),
                *numbers("estimatedMinutesWatched", is_required=False),
            ),
            not_negative("views", "estimatedMinutesWatched"),
        )
        for part in ("country", "device", "operating_system", "traffic_source")
    ),
    Suite(
        "raw_youtube.channel_month_demographics",
        ("channel_id", "report_month", "part"),
        numbers("viewerPercentage"),
        (
            between("viewerPercentage", 0, 100, "shares of viewers are percentages"),
            Expectation(
                "months are not ahead of Pacific time",
                "report_month > $pacific_today",
                advice="A report month is a Pacific one: check how the month was read.",
            ),
        ),
    ),
    Suite(
        "raw_youtube.video_retention",
        ("channel_id", "video_id", "elapsed_ratio"),
        numbers("audienceWatchRatio"),
        (
            between("elapsed_ratio", 0, 1, "places in the video are fractions of its length"),
            not_negative("audienceWatchRatio"),
        ),
    ),
)

_LINE = (*_CHANNEL_DAY, "line_number")
_CTR = Figure("video_thumbnail_impressions_ctr", Kind.NUMBER, is_required=False, name="told_rate")
# YouTube tells rates as fractions in some reports and as percentages in others: a report in which
# any rate is above 1 is one of percentages.
_RATE = f"""
    ({_CTR.value_sql}) / case
        when max({_CTR.value_sql}) over (partition by channel_id, report_date) > 1 then 100 else 1
    end
"""

_REPORTING = (
    Suite(
        "raw_youtube.reporting_jobs",
        ("job_id",),
        expectations=(
            Expectation("jobs name their report type", "report_type_id = ''", is_critical=False),
        ),
        columns=(("report_type_id", "report_type_id"),),
    ),
    Suite(
        "raw_youtube.reporting_reports",
        ("report_id",),
        expectations=(REPORT_IN_TIME, not_in_future("created_at")),
        columns=(("report_date", "report_date"), ("created_at", "created_at")),
    ),
    Suite(
        "raw_youtube.reporting_reach_basic",
        _LINE,
        (*wholes("video_thumbnail_impressions", is_required=False), _CTR),
        (
            REPORT_IN_TIME,
            not_negative("video_thumbnail_impressions"),
            between("click_through_rate", 0, 1, "the click-through rate lies between 0 and 1"),
        ),
        (("click_through_rate", _RATE),),
    ),
    *(
        _report(
            f"raw_youtube.reporting_{report}",
            _LINE,
            (
                *wholes("views", is_required=False),
                *numbers("watch_time_minutes", is_required=False),
            ),
            not_negative("views", "watch_time_minutes"),
        )
        for report in ("basic", "traffic_source", "device_os")
    ),
)

SUITES = (*_DATA, *_ANALYTICS, *_REPORTING)
