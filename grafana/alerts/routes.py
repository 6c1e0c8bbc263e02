"""Whom Grafana tells: contact points, policies by severity, mute times, the words of a message.

`$NAME` in a contact point is put in by Grafana from its environment when it starts, and what is not
set becomes empty. An empty URL, address or key has Grafana refuse to start, so a setting here is
never the variable alone: a webhook begins with Slack's address, a list of addresses ends in a
semicolon. PagerDuty's key can be joined to nothing; it stands in a file of its own, for those who
have one.
"""

from __future__ import annotations

from grafana.normalise import Json

SLACK = "https://hooks.slack.com/services/"
QUIET_TIME = "nights and weekends"
CRITICAL = "YTEMPIRE critical"
WARNING = "YTEMPIRE warning"
TEMPLATES = "ytempire"
VARIABLES = ("GRAFANA_SLACK_ALERTS", "GRAFANA_SLACK_CRITICAL", "GRAFANA_ALERT_EMAILS")
PAGERDUTY_VARIABLE = "GRAFANA_PAGERDUTY_KEY"

_TITLE = '{{ template "ytempire.title" . }}'
_TEXT = '{{ template "ytempire.text" . }}'

_TEMPLATE = """\
{{ define "ytempire.title" }}[{{ .Status | toUpper }}] {{ .CommonLabels.alertname }}\
{{ if gt (len .Alerts.Firing) 1 }} ({{ len .Alerts.Firing }}){{ end }}{{ end }}

{{ define "ytempire.text" }}{{ range .Alerts.Firing }}
{{ .Annotations.summary }}
{{ .Annotations.description }}
What to do: {{ .Annotations.runbook }}
{{ if .PanelURL }}Figures: {{ .PanelURL }}
{{ end }}{{ if .SilenceURL }}Silence: {{ .SilenceURL }}
{{ end }}{{ end }}{{ range .Alerts.Resolved }}
In order again: {{ .Annotations.summary }}
{{ end }}{{ end }}
"""


def contact_points_document() -> Json:
    """Give the two contact points, each of Slack and e-mail."""
    return {
        "apiVersion": 1,
        "contactPoints": [
            _contact_point(WARNING, "warning", "GRAFANA_SLACK_ALERTS"),
            _contact_point(CRITICAL, "critical", "GRAFANA_SLACK_CRITICAL"),
        ],
    }


def pagerduty_document() -> Json:
    """Give PagerDuty as a further way of the critical contact point."""
    receiver = {
        "uid": "ytempire-pagerduty-critical",
        "type": "pagerduty",
        "settings": {
            "integrationKey": f"${PAGERDUTY_VARIABLE}",
            "severity": "critical",
            "class": "YTEMPIRE",
            "summary": _TITLE,
        },
    }
    return {
        "apiVersion": 1,
        "contactPoints": [{"orgId": 1, "name": CRITICAL, "receivers": [receiver]}],
    }


def policies_document() -> Json:
    """Give the routes: what is critical at once and at any time, the rest in working hours."""
    return {
        "apiVersion": 1,
        "policies": [
            {
                "orgId": 1,
                "receiver": WARNING,
                "group_by": ["grafana_folder", "alertname"],
                "group_wait": "30s",
                "group_interval": "5m",
                "repeat_interval": "24h",
                "routes": [
                    {
                        "receiver": CRITICAL,
                        "object_matchers": [["severity", "=", "critical"]],
                        "group_wait": "10s",
                        "repeat_interval": "4h",
                    },
                    {
                        "receiver": WARNING,
                        "object_matchers": [["severity", "=", "warning"]],
                        "mute_time_intervals": [QUIET_TIME],
                    },
                ],
            }
        ],
    }


def mute_times_document() -> Json:
    """Give the hours (UTC) in which warnings wait; one that still holds is told afterwards."""
    nights = [
        {"start_time": "00:00", "end_time": "07:00"},
        {"start_time": "19:00", "end_time": "24:00"},
    ]
    return {
        "apiVersion": 1,
        "muteTimes": [
            {
                "orgId": 1,
                "name": QUIET_TIME,
                "time_intervals": [
                    {"weekdays": ["monday:friday"], "times": nights},
                    {"weekdays": ["saturday", "sunday"]},
                ],
            }
        ],
    }


def templates_document() -> Json:
    """Give the words of a message: what, how much, what to do, where to look."""
    return {
        "apiVersion": 1,
        "templates": [{"orgId": 1, "name": TEMPLATES, "template": _TEMPLATE}],
    }


def _contact_point(name: str, level: str, webhook: str) -> Json:
    slack = {"url": f"{SLACK}${webhook}", "title": _TITLE, "text": _TEXT}
    emails = {
        "addresses": "$GRAFANA_ALERT_EMAILS;",
        "singleEmail": True,
        "subject": _TITLE,
        "message": _TEXT,
    }
    return {
        "orgId": 1,
        "name": name,
        "receivers": [
            {"uid": f"ytempire-slack-{level}", "type": "slack", "settings": slack},
            {"uid": f"ytempire-email-{level}", "type": "email", "settings": emails},
        ],
    }
