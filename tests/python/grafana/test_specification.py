"""Each panel of the specification is shown by one that exists and has the form asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grafana.dashboards import find
from grafana.specification.asked import Asked
from grafana.specification.page import page, problems

MRR = Asked("2.1 Executive", "MRR", "figure", "ytempire-executive", "MRR")


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (MRR, None),
        (replace(MRR, dashboard="ytempire-gone"), "there is no dashboard ytempire-gone"),
        (replace(MRR, shown_by="ARR"), "ytempire-executive has no panel 'ARR'"),
        (replace(MRR, form="pie"), "a stat is no pie, and no note says why"),
        (replace(MRR, form="pie", note="One figure has no parts."), None),
    ],
)
def test_a_row_that_leads_astray_is_found(row: Asked, problem: str | None) -> None:
    expected = [] if problem is None else [f"2.1 Executive, MRR: {problem}"]
    assert problems([row], [find("executive").build()]) == expected


def test_a_panel_asked_for_twice_is_found() -> None:
    found = problems([MRR, MRR], [find("executive").build()])
    assert found == ["2.1 Executive, MRR comes twice"]


def test_a_form_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="is no form"):
        replace(MRR, form="sunburst")


def test_the_page_tells_the_panels_number() -> None:
    text = page([MRR], [find("executive").build()])
    assert "| MRR | figure | YTEMPIRE Executive | MRR | 17893 |  |" in text
    assert "Where do we stand?" in text


def test_no_page_is_written_that_leads_nowhere() -> None:
    with pytest.raises(ValueError, match="has no panel 'ARR'"):
        page([replace(MRR, shown_by="ARR")], [find("executive").build()])
