"""The provisioning files lead a Grafana to the marts, by variables and without secrets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from grafana.dashboards import CATALOGUE
from grafana.query import DATASOURCE_TYPE, DATASOURCE_UID

PROVISIONING = Path(__file__).parents[3] / "grafana" / "provisioning"
# Where dollars are also Grafana's templates, test_alert_files.py looks after them.
FILES = sorted(set(PROVISIONING.rglob("*.yaml")) - set(PROVISIONING.glob("alerting/*")))
VARIABLES = {"PGHOST", "PGPORT", "PGDATABASE", "PGSSLMODE", "GRAFANA_PGUSER"}
VARIABLES |= {"GRAFANA_PGPASSWORD", "GF_PATHS_PROVISIONING"}


def _read(path: Path) -> dict[str, Any]:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def test_the_datasource_is_the_one_that_dashboards_ask_for() -> None:
    (source,) = _read(PROVISIONING / "datasources" / "marts.yaml")["datasources"]
    assert (source["uid"], source["type"]) == (DATASOURCE_UID, DATASOURCE_TYPE)
    assert source["editable"] is False
    assert source["url"] == "$PGHOST:$PGPORT"
    assert source["user"] == "$GRAFANA_PGUSER"
    assert source["secureJsonData"] == {"password": "$GRAFANA_PGPASSWORD"}
    assert source["jsonData"]["database"] == "$PGDATABASE"
    assert source["jsonData"]["sslmode"] == "$PGSSLMODE"


def test_the_provider_finds_every_dashboard_and_lets_nobody_edit() -> None:
    providers = _read(PROVISIONING / "dashboards" / "staff.yaml")["providers"]
    folders = {}
    for provider in providers:
        assert provider["type"] == "file"
        assert provider["allowUiUpdates"] is False
        path = provider["options"]["path"]
        folders[Path(path.replace("$GF_PATHS_PROVISIONING", str(PROVISIONING)))] = provider["name"]
    for entry in CATALOGUE:
        path = PROVISIONING / "dashboards" / entry.path
        assert path.is_file()
        # the users' are put into their organisations by `ytempire tenants sync`
        assert (path.parent in folders) == (entry.audience == "staff")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_only_known_variables_are_used(path: Path) -> None:
    assert _read(path)["apiVersion"] == 1
    text = re.sub(r"^\s*#.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert set(re.findall(r"\$\{?(\w+)", text)) <= VARIABLES
