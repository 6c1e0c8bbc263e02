"""Single figures: tiles, gauges, text."""

from __future__ import annotations

from collections.abc import Sequence

from grafana_foundation_sdk.builders import common, gauge, stat, text
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models import text as text_models

from grafana.about import About
from grafana.panels.basics import Step, color_mode, data_link, thresholds, with_basics


def stat_panel(
    about: About,
    sql: str,
    *,
    steps: Sequence[Step] = (),
    decimals: int | None = None,
    text_field: str | None = None,
    link: tuple[str, str] | None = None,
) -> stat.Panel:
    """Show one figure, coloured by `steps`; `text_field` names a column of text to show as it is.

    Without `steps` the figure keeps a neutral colour: no judgement is meant.
    """
    panel = with_basics(stat.Panel(), about, sql, "table")
    reducer = common.ReduceDataOptions().calcs(["lastNotNull"]).values(False)
    if text_field is not None:
        reducer = reducer.fields(f"/^{text_field}$/")
    panel = (
        panel.graph_mode(common_models.BigValueGraphMode.NONE)
        .color_mode(common_models.BigValueColorMode.VALUE)
        .text_mode(common_models.BigValueTextMode.VALUE)
        .reduce_options(reducer)
        .thresholds(thresholds(steps or [Step(None, "text")]))
        .color_scheme(color_mode(models.FieldColorModeId.THRESHOLDS))
    )
    if link is not None:
        panel = panel.data_links([data_link(*link)])
    return panel if decimals is None else panel.decimals(decimals)


def gauge_panel(
    about: About,
    sql: str,
    *,
    maximum: float,
    steps: Sequence[Step],
    decimals: int | None = None,
    link: tuple[str, str] | None = None,
) -> gauge.Panel:
    """Show one figure on a dial from 0 to `maximum`, with the steps marked on it."""
    panel = (
        with_basics(gauge.Panel(), about, sql, "table")
        .min(0)
        .max(maximum)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(False))
        .thresholds(thresholds(steps))
        .color_scheme(color_mode(models.FieldColorModeId.THRESHOLDS))
        .show_threshold_markers(True)
        .show_threshold_labels(False)
    )
    if link is not None:
        panel = panel.data_links([data_link(*link)])
    return panel if decimals is None else panel.decimals(decimals)


def text_panel(title: str, markdown: str) -> text.Panel:
    """Show words: how to read what stands beside it. Grafana cleans it of scripts."""
    return (
        text.Panel()
        .title(title)
        .description(title)
        .mode(text_models.TextMode.MARKDOWN)
        .content(markdown)
        .transparent(True)
    )
