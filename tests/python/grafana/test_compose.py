"""compose.yaml: pinned images, loopback only, no secret inside, nothing that is not there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).parents[3]
TEXT = (PROJECT / "compose.yaml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
EACH_SERVICE = pytest.mark.parametrize("name", SERVICES)
_VARIABLE = re.compile(r"\$\{(\w+)(:[-?])?([^}]*)\}")


def _used(text: str) -> set[str]:
    code = re.sub(r"(^|\s)#.*$", "", text, flags=re.MULTILINE)
    return {match[1] for match in _VARIABLE.finditer(code)}


def test_the_three_parts_are_there() -> None:
    assert set(SERVICES) == {"postgres", "pipeline", "grafana"}


@EACH_SERVICE
def test_an_image_is_pinned_or_our_own(name: str) -> None:
    service = SERVICES[name]
    if "build" in service:
        assert (PROJECT / service["build"]["context"] / "Dockerfile").is_file()
    else:
        assert re.fullmatch(r"[\w./-]+:\d+\.\d+[\w.-]*", service["image"])


@EACH_SERVICE
def test_ports_are_on_loopback(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert port.startswith("127.0.0.1:")


@EACH_SERVICE
def test_a_service_is_watched_unless_it_is_one_job(name: str) -> None:
    service = SERVICES[name]
    if service["restart"] == "no":
        assert service["healthcheck"] == {"disable": True}
    else:
        assert service["healthcheck"]["test"][0] == "CMD-SHELL"
    for needed in service.get("depends_on", {}):
        assert service["depends_on"][needed] == {"condition": "service_healthy"}
        assert "healthcheck" in SERVICES[needed]


@EACH_SERVICE
def test_mounts_are_there(name: str) -> None:
    for mount in SERVICES[name].get("volumes", []):
        source = _VARIABLE.sub(lambda match: match[3], mount).split(":")[0]
        if source.startswith("."):
            assert (PROJECT / source).exists()
            assert mount.endswith(":ro")
        else:
            assert source in COMPOSE["volumes"]


@EACH_SERVICE
def test_secrets_come_from_variables(name: str) -> None:
    for variable, value in SERVICES[name]["environment"].items():
        if re.search(r"PASSWORD|SECRET|_KEY$", variable):
            assert _VARIABLE.fullmatch(str(value))
            assert "PASSWORD" not in variable or ":?" in value


def test_the_pipeline_gets_every_setting_of_a_source() -> None:
    example = (PROJECT / ".env.example").read_text(encoding="utf-8")
    settings = set(re.findall(r"^(?:YOUTUBE|GOOGLE|STRIPE|OPENAI|ELEVENLABS)_\w+", example, re.M))
    assert settings <= set(SERVICES["pipeline"]["environment"])


def test_every_variable_is_in_the_example() -> None:
    example = (PROJECT / ".env.example").read_text(encoding="utf-8")
    assert _used(TEXT) <= set(re.findall(r"^#? ?([A-Z][A-Z_]+)=", example, re.MULTILINE))


def test_the_image_is_built_from_what_is_there_and_not_from_secrets() -> None:
    dockerfile = (PROJECT / "Dockerfile").read_text(encoding="utf-8")
    for line in re.findall(r"^COPY (?!--from)(.+)$", dockerfile, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (PROJECT / source).exists()
    assert re.search(r"^USER ytempire$", dockerfile, re.MULTILINE)
    ignored = (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {".env", ".git", ".venv", ".ytempire"} <= set(ignored)


def test_the_image_installs_with_the_same_uv_as_everybody() -> None:
    dockerfile = (PROJECT / "Dockerfile").read_text(encoding="utf-8")
    setup = (PROJECT / "runner" / "setup.sh").read_text(encoding="utf-8")
    (ours,) = re.findall(r"^ARG UV_VERSION=(.+)$", dockerfile, re.MULTILINE)
    assert f"uv_version={ours}" in setup
