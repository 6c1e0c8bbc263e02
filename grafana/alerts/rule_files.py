"""The rules in the shape that Grafana's provisioning files have (not its HTTP API's)."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from operator import attrgetter

from grafana.alerts.rules import PLACES, Rule
from grafana.normalise import Json, panel_id
from grafana.query import DATASOURCE_TYPE, DATASOURCE_UID

# A folder of its own: the dashboards' provider makes its folder under a fixed uid, which fails
# where the alerts have made one of the same title before.
FOLDER = "YTEMPIRE alerts"
EXPRESSIONS = "__expr__"
EVALUATORS = {"above": "gt", "below": "lt", "between": "within_range"}

# Every rule has a row, whether it fires or not: no data means that the marts are not there, or not
# safe to rely on. These two say so as if they fired; the others stay silent about it, or a broken
# pipeline would be told fifteen times.
_ALARMED_BY_SILENCE = {"no_run", "isolation_breach"}

_SQL = """\
select subject, alert_value::double precision as value
from {mart}
where rule_name = '{name}'
order by subject
"""

# What the clock decides is counted up to the moment of the evaluation: a pipeline that stands
# still builds no mart that could say so.
_CLOCK_SQL = """\
select
    subject,
    coalesce(
        extract(epoch from $__timeTo()::timestamptz - clock_from_at) / {seconds}, alert_value
    )::double precision as value
from {mart}
where rule_name = '{name}'
order by subject
"""

_SHARES = {"quota_warning", "quota_critical", "revenue_target_miss", "generation_failures"}
_SHARES |= {"reconciliation", "completeness", "anomaly"}
_UNITS = {
    "error_rate": " errors within five minutes",
    "video_cost_warning": " videos of yesterday and today",
    "video_cost_critical": " videos of yesterday and today",
    "source_stale": " minutes past its promise",
    "failed_run": " runs since the last good one",
    "isolation_breach": " foreign rows",
    "validation_failure": " critical expectations",
    "no_run": " hours since the last build",
}


def rules_document(rules: list[Rule]) -> Json:
    """Give the file of all rules: a group for each interval that they are evaluated at."""
    ordered = sorted(rules, key=attrgetter("every_minutes"))
    return {
        "apiVersion": 1,
        "groups": [
            {
                "orgId": 1,
                "name": f"every {minutes} minutes",
                "folder": FOLDER,
                "interval": f"{minutes}m",
                "rules": [rule_item(rule) for rule in group],
            }
            for minutes, group in groupby(ordered, key=attrgetter("every_minutes"))
        ],
    }


def rule_item(rule: Rule) -> Json:
    """Give one rule: its query A, the threshold B upon it, where it is shown, what it says."""
    place = PLACES[rule.name]
    is_alarmed = rule.name in _ALARMED_BY_SILENCE
    return {
        "uid": rule.uid,
        "title": rule.title,
        "condition": "B",
        "for": f"{rule.pending_minutes * 60}s",
        "noDataState": "Alerting" if is_alarmed else "OK",
        "execErrState": "Alerting" if is_alarmed else "OK",
        "dashboardUid": place.dashboard,
        "panelId": panel_id(place.panel),
        "labels": {"severity": rule.severity, "team": place.team},
        "annotations": {
            "summary": f"{rule.title}: {{{{ $labels.subject }}}}",
            "description": _description(rule),
            "runbook": rule.runbook,
        },
        "data": [_query(rule), _threshold(rule)],
    }


def rule_sql(rule: Rule) -> str:
    """Give the SQL of a rule: a text that becomes the label `subject`, and one number."""
    if rule.clock_seconds is None:
        return _SQL.format(name=rule.name, mart=rule.mart)
    return _CLOCK_SQL.format(name=rule.name, mart=rule.mart, seconds=rule.clock_seconds)


def _query(rule: Rule) -> Json:
    return {
        "refId": "A",
        "relativeTimeRange": {"from": 600, "to": 0},
        "datasourceUid": DATASOURCE_UID,
        "model": {
            "refId": "A",
            "datasource": {"type": DATASOURCE_TYPE, "uid": DATASOURCE_UID},
            "editorMode": "code",
            "rawQuery": True,
            "rawSql": rule_sql(rule),
            "format": "table",
            "intervalMs": 1000,
            "maxDataPoints": 43200,
        },
    }


def _threshold(rule: Rule) -> Json:
    evaluator = {
        "type": EVALUATORS[rule.comparison],
        "params": [plain_number(number) for number in rule.params],
    }
    return {
        "refId": "B",
        "relativeTimeRange": {"from": 600, "to": 0},
        "datasourceUid": EXPRESSIONS,
        "model": {
            "refId": "B",
            "type": "threshold",
            "datasource": {"type": EXPRESSIONS, "uid": EXPRESSIONS},
            "expression": "A",
            "conditions": [{"evaluator": evaluator}],
        },
    }


def plain_number(number: Decimal) -> int | float:
    """Give a number as YAML writes it best: whole where it is whole."""
    return int(number) if number == number.to_integral_value() else float(number)


def _description(rule: Rule) -> str:
    """Say the figure and the limit; `$values` is put in by Grafana when it tells somebody."""
    if rule.name in _SHARES:
        figure, limits = (
            "{{ humanizePercentage $values.A.Value }}",
            [f"{number * 100:f}".rstrip("0").rstrip(".") + "%" for number in rule.params],
        )
    else:
        figure = '{{ printf "%.0f" $values.A.Value }}' + _UNITS[rule.name]
        limits = [f"{plain_number(number)}" for number in rule.params]
    wanted = {"above": "at most ", "below": "at least ", "between": "at most "}[rule.comparison]
    return f"{{{{ $labels.subject }}}}: {figure}; in order is {wanted}{limits[0]}."
