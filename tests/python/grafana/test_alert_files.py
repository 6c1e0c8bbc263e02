"""The alerts' provisioning files: up to date, in the shape that Grafana reads, without dead ends.

The shape is that of Grafana's own reader of these files; what it refuses, it refuses at its start.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from grafana.alerts import generate, routes
from grafana.alerts.rule_files import FOLDER
from grafana.alerts.rules import PLACES, read_rules
from grafana.dashboards import CATALOGUE
from grafana.lint import marts_of
from grafana.macros import expand
from grafana.normalise import Json
from grafana.reader import panels

ROOT = Path(generate.__file__).parents[1]
_UID = re.compile(r"[a-zA-Z0-9_-]{1,40}")
_DURATION = re.compile(r"\d+[smh]")
_RULE_KEYS = {"uid", "title", "condition", "data", "dashboardUid", "panelId", "noDataState"}
_RULE_KEYS |= {"execErrState", "for", "annotations", "labels"}
_GROUP_KEYS = {"orgId", "name", "folder", "interval", "rules"}
_QUERY_KEYS = {"refId", "relativeTimeRange", "datasourceUid", "model"}


def _read(name: str) -> Json:
    document = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def _groups() -> list[Json]:
    groups = _read("provisioning/alerting/rules.yaml")["groups"]
    assert isinstance(groups, list)
    return groups


RULES: list[Json] = [rule for group in _groups() for rule in group["rules"]]
EACH_RULE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["uid"])
RECEIVERS = [
    receiver
    for name in ("provisioning/alerting/contact_points.yaml", "optional/pagerduty.yaml")
    for point in _read(name)["contactPoints"]
    for receiver in point["receivers"]
]


def test_the_committed_files_have_not_drifted() -> None:
    assert generate.drift() == []


def test_a_file_that_is_missing_changed_or_stray_is_drift(tmp_path: Path) -> None:
    assert len(generate.drift(tmp_path)) == len(generate.FILES)
    assert generate.main(["--check", "--output", str(tmp_path)]) == 1
    assert generate.main(["--output", str(tmp_path)]) == 0
    folder = tmp_path / "provisioning" / "alerting"
    (folder / "pagerduty.yaml").write_text("apiVersion: 1\n")
    assert generate.main(["--check", "--output", str(tmp_path)]) == 0
    (folder / "old.yaml").write_text("apiVersion: 1\n")
    rules = folder / "rules.yaml"
    rules.write_text(rules.read_text().replace("50", "60"))
    assert generate.drift(tmp_path) == [
        "provisioning/alerting/rules.yaml differs from the code",
        "provisioning/alerting/old.yaml belongs to no code",
    ]


def test_every_rule_of_the_seed_has_its_alert() -> None:
    names = [rule.name for rule in read_rules()]
    assert sorted(names) == sorted(PLACES)
    assert Counter(rule["uid"] for rule in RULES) == Counter(rule.uid for rule in read_rules())
    assert max(Counter(rule["title"] for rule in RULES).values()) == 1


def test_the_readme_lists_every_rule() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for rule in read_rules():
        place = PLACES[rule.name]
        (line,) = re.findall(rf"^\| {re.escape(rule.title)} \|.*$", text, flags=re.MULTILINE)
        assert f"| {rule.severity} |" in line
        assert place.panel in line or "the same" in line
    for variable in (*routes.VARIABLES, routes.PAGERDUTY_VARIABLE):
        assert f"`{variable}`" in text


def test_groups_are_as_grafana_reads_them() -> None:
    for group in _groups():
        assert set(group) == _GROUP_KEYS
        assert group["folder"] == FOLDER
        assert _DURATION.fullmatch(group["interval"])
    folders = {
        entry["folder"] for entry in _read("provisioning/dashboards/staff.yaml")["providers"]
    }
    # of two that make a folder of one title, one of them under a fixed uid, the second fails
    assert FOLDER not in folders


@EACH_RULE
def test_a_rule_is_as_grafana_reads_it(rule: Json) -> None:
    assert set(rule) == _RULE_KEYS
    assert _UID.fullmatch(rule["uid"])
    assert _DURATION.fullmatch(rule["for"])
    assert rule["noDataState"] in {"Alerting", "NoData", "OK"}
    assert rule["execErrState"] in {"Alerting", "Error", "OK"}
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert set(rule["labels"]) == {"severity", "team"}
    assert all(rule["annotations"][key] for key in ("summary", "description", "runbook"))
    query, threshold = rule["data"]
    for item in rule["data"]:
        assert set(item) == _QUERY_KEYS
        assert item["relativeTimeRange"]["from"] > item["relativeTimeRange"]["to"] >= 0
        assert item["model"]["refId"] == item["refId"]
    assert rule["condition"] == threshold["refId"]
    assert threshold["model"]["expression"] == query["refId"]
    assert threshold["datasourceUid"] == "__expr__"
    (source,) = _read("provisioning/datasources/marts.yaml")["datasources"]
    assert query["datasourceUid"] == source["uid"]


@EACH_RULE
def test_the_sql_reads_the_marts_and_no_clock(rule: Json) -> None:
    sql = rule["data"][0]["model"]["rawSql"]
    (mart,) = (found.mart for found in read_rules() if found.uid == rule["uid"])
    assert marts_of(sql) == {mart}
    assert not re.search(r"\bnow\s*\(|current_|localtime", sql)
    # neither are variables of a dashboard known here, nor is a dollar doubled
    assert set(re.findall(r"\$+\w+", sql)) <= {"$__timeTo"}


@EACH_RULE
def test_dollars_are_safe_where_grafana_puts_variables_in(rule: Json) -> None:
    assert not any("$" in text for text in rule["labels"].values())
    assert not any("${" in text for text in rule["annotations"].values())


def test_every_rule_leads_to_its_panel() -> None:
    dashboards = {built["uid"]: built for built in (entry.build() for entry in CATALOGUE)}
    for rule in RULES:
        place = PLACES[rule["uid"].removeprefix("ytempire-").replace("-", "_")]
        titles = {panel["id"]: panel["title"] for panel in panels(dashboards[rule["dashboardUid"]])}
        assert titles[rule["panelId"]] == place.panel


@pytest.mark.parametrize("receiver", RECEIVERS, ids=lambda receiver: receiver["uid"])
def test_a_receiver_is_as_grafana_reads_it(receiver: Json) -> None:
    assert _UID.fullmatch(receiver["uid"])
    required = {"slack": "url", "email": "addresses", "pagerduty": "integrationKey"}
    assert receiver["settings"][required[receiver["type"]]]


def _with_environment(value: Any, environment: dict[str, str]) -> Any:
    """Put variables in as Grafana does: what is not set becomes empty, `$$` is a dollar."""
    if isinstance(value, dict):
        return {key: _with_environment(item, environment) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_environment(item, environment) for item in value]
    if not isinstance(value, str):
        return value
    parts = [
        re.sub(r"\$\{?(\w+)\}?", lambda match: environment.get(str(match[1]), ""), part)
        for part in value.split("$$")
    ]
    return "$".join(parts)


def _refusal(receiver: Json) -> str | None:
    """Say why Grafana would not start with this receiver."""
    settings = receiver["settings"]
    if receiver["type"] == "slack" and not settings["url"]:
        return "recipient must be specified when using the Slack chat API"
    if receiver["type"] == "email" and not settings["addresses"]:
        return "could not find addresses in settings"
    if receiver["type"] == "pagerduty" and not settings["integrationKey"]:
        return "could not find integration key property in settings"
    return None


def test_grafana_starts_when_nothing_is_set() -> None:
    points = _read("provisioning/alerting/contact_points.yaml")["contactPoints"]
    for point in _with_environment(points, {}):
        for receiver in point["receivers"]:
            assert _refusal(receiver) is None, receiver["uid"]
    # why PagerDuty is a file of its own
    (point,) = _with_environment(_read("optional/pagerduty.yaml")["contactPoints"], {})
    assert _refusal(point["receivers"][0]) is not None


def test_what_is_set_is_put_in() -> None:
    environment = {
        "GRAFANA_SLACK_CRITICAL": "T1/B1/x",
        "GRAFANA_ALERT_EMAILS": "a@example.com;b@example.com",
    }
    points = _read("provisioning/alerting/contact_points.yaml")["contactPoints"]
    (critical,) = (point for point in points if point["name"] == routes.CRITICAL)
    slack, email = _with_environment(critical, environment)["receivers"]
    assert slack["settings"]["url"] == "https://hooks.slack.com/services/T1/B1/x"
    addresses = [part for part in re.split("[,;\n]", email["settings"]["addresses"]) if part]
    assert addresses == ["a@example.com", "b@example.com"]
    assert "{{ template" in slack["settings"]["title"]


def test_only_known_variables_are_used() -> None:
    used = set()
    for name in (
        "provisioning/alerting/contact_points.yaml",
        "provisioning/alerting/policies.yaml",
    ):
        used |= set(re.findall(r"\$\{?(\w+)", (ROOT / name).read_text(encoding="utf-8")))
    assert used == set(routes.VARIABLES)


def _routes(route: Json) -> list[Json]:
    return [route, *(found for child in route.get("routes", []) for found in _routes(child))]


def test_policies_lead_to_contact_points_and_mute_times() -> None:
    (policy,) = _read("provisioning/alerting/policies.yaml")["policies"]
    points = _read("provisioning/alerting/contact_points.yaml")["contactPoints"]
    names = {point["name"] for point in points}
    times = {time["name"] for time in _read("provisioning/alerting/mute_times.yaml")["muteTimes"]}
    for route in _routes(policy):
        assert route["receiver"] in names
        assert set(route.get("mute_time_intervals", [])) <= times
    # Grafana refuses a first policy with matchers or mute times
    assert "object_matchers" not in policy
    assert "mute_time_intervals" not in policy
    assert _read("optional/pagerduty.yaml")["contactPoints"][0]["name"] in names


def _receiver_of(labels: dict[str, str]) -> tuple[str, bool]:
    """Follow the policies: the contact point that an alert reaches, and whether it may be muted."""
    (policy,) = _read("provisioning/alerting/policies.yaml")["policies"]
    for route in policy["routes"]:
        if all(labels.get(name) == value for name, _, value in route["object_matchers"]):
            return route["receiver"], bool(route.get("mute_time_intervals"))
    return policy["receiver"], False


@EACH_RULE
def test_severity_decides_who_is_told(rule: Json) -> None:
    expected = {"critical": (routes.CRITICAL, False), "warning": (routes.WARNING, True)}
    assert _receiver_of(rule["labels"]) == expected[rule["labels"]["severity"]]


def test_mute_times_are_nights_and_weekends() -> None:
    (mute,) = _read("provisioning/alerting/mute_times.yaml")["muteTimes"]
    nights, weekends = mute["time_intervals"]
    assert nights["weekdays"] == ["monday:friday"]
    assert weekends == {"weekdays": ["saturday", "sunday"]}
    for times in nights["times"]:
        assert re.fullmatch(r"\d\d:\d\d", times["start_time"])
        assert times["start_time"] < times["end_time"] <= "24:00"


def test_templates_are_defined_where_they_are_used() -> None:
    (template,) = _read("provisioning/alerting/templates.yaml")["templates"]
    text = template["template"]
    defined = set(re.findall(r'\{\{ define "([\w.]+)" \}\}', text))
    used = {
        name
        for receiver in RECEIVERS
        for setting in receiver["settings"].values()
        for name in re.findall(r'\{\{ template "([\w.]+)" \. \}\}', str(setting))
    }
    assert used == defined
    opened = len(re.findall(r"\{\{ (?:define|range|if) ", text))
    assert opened == len(re.findall(r"\{\{ end \}\}", text))


def test_the_clock_macro_is_expanded() -> None:
    (rule,) = (rule for rule in RULES if rule["uid"] == "ytempire-no-run")
    moment = datetime(2026, 11, 10, 12, tzinfo=UTC)
    sql = expand(rule["data"][0]["model"]["rawSql"], moment, moment, 1000)
    assert "extract(epoch from '2026-11-10T12:00:00Z'::timestamptz - clock_from_at) / 3600" in sql
