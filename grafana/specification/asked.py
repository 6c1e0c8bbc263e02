"""One panel that the specification names."""

from __future__ import annotations

from dataclasses import dataclass

KINDS: dict[str, frozenset[str]] = {
    "figure": frozenset({"stat"}),
    "line": frozenset({"timeseries"}),
    "bars": frozenset({"barchart", "bargauge"}),
    "usage bar": frozenset({"bargauge"}),
    "pie": frozenset({"piechart"}),
    "gauge": frozenset({"gauge"}),
    "scatter": frozenset({"xychart"}),
    "funnel": frozenset({"bargauge", "barchart"}),
    "heatmap": frozenset({"table"}),
    "table": frozenset({"table"}),
    "text": frozenset({"text"}),
}
"""The forms that the specification names, and the kinds of panel that have them."""


@dataclass(frozen=True)
class Asked:
    """A panel of the specification: its section, name and form, and what shows it.

    `shown_by` is the title of a panel on the dashboard `dashboard` (its uid). A panel of another
    kind than the form asks for needs a `note` that says why.
    """

    section: str
    panel: str
    form: str
    dashboard: str
    shown_by: str
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse a form that nothing is known of (`ValueError`)."""
        if self.form not in KINDS:
            raise ValueError(f"{self.panel!r} is asked for as {self.form!r}, which is no form")
