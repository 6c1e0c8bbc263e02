"""The Analytics extractor in trouble: permissions, refusals, faults; and no token is landed."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from youtube_analytics_truth import by_day, check_against_world, contents, truth_of
from youtube_standin import AS_OF, TEN, fresh_lander, on_stage

from ingest.landing import Lander
from ingest.sources.youtube.tokens import RefreshToken
from ingest.streams import CHANNEL_DAY_CORE
from simulator.http.faults import Fault
from warehouse.errors import CredentialsError, QuotaError, SourceUnavailableError

DAY = timedelta(days=1)
lander = fresh_lander


class TestTrouble:
    def test_an_owner_who_revoked_the_permission(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.read_data()
            revoked, unconnected = sorted(stage.tokens)[:2]
            good = stage.tokens[revoked]
            stage.tokens[revoked] = RefreshToken("1//revoked")
            stored = stage.tokens.pop(unconnected)
            with pytest.raises(CredentialsError) as caught:
                stage.read_analytics()
            assert f"channels is not valid any more: {revoked}." in str(caught.value).replace(
                "these YouTube ", ""
            )
            assert "1//revoked" not in str(caught.value)
            landed = {row[0] for row in stage.select(CHANNEL_DAY_CORE, "channel_id")}
            assert landed == {c.youtube_channel_id for c in stage.channels} - {
                revoked,
                unconnected,
            }
            # Once they are connected (again), the same run's day is enough.
            stage.tokens |= {revoked: good, unconnected: stored}
            stage.read_analytics()
            check_against_world(stage)

    def test_a_channel_that_is_refused(
        self, lander: Lander, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The token is of somebody who does not own the channel."""
        with on_stage(lander) as stage:
            stage.read_data()
            mine = stage.channels[0]
            other = next(each for each in stage.channels if each.user_id != mine.user_id)
            stage.tokens[mine.youtube_channel_id] = stage.tokens[other.youtube_channel_id]
            stage.landed()
            with caplog.at_level(logging.WARNING):
                stage.read_analytics()
            assert f"the reports of {mine.youtube_channel_id}: 403 forbidden" in caplog.text
            assert stage.quarantine() == [
                (
                    "channel_day_core",
                    f"channel_day_core of {mine.youtube_channel_id}",
                    "403 forbidden: Forbidden",
                )
            ]
            assert len({row[0] for row in stage.select(CHANNEL_DAY_CORE, "channel_id")}) == TEN - 1
            calls = stage.calls()
            stage.read_analytics()
            assert stage.calls() == calls

    def test_a_malformed_row(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.read_data()
            stage.read_analytics()
            before = contents(stage)
        faults = {"youtube_analytics": Fault("malformed")}
        with on_stage(lander, AS_OF + DAY, faults=faults) as stage:
            stage.read_analytics(threads=1)
            [(stream, location, reason)] = stage.quarantine()
            assert stream == "channel_day_core"
            assert location.endswith(", row 1")
            assert reason == "the row does not have the 12 values of its columns"
            # The day's row that was landed before is still there.
            days = by_day(stage, CHANNEL_DAY_CORE, "views")
            assert len(days) == len(truth_of(stage))
            assert len(before[0]) < len(days)  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("service", "fault", "error", "said"),
        [
            ("youtube_analytics", Fault("quota"), QuotaError, "midnight in California"),
            ("youtube_analytics", Fault("status", 503), SourceUnavailableError, "Analytics API"),
            ("youtube_analytics", Fault("truncated"), SourceUnavailableError, "not JSON"),
            ("oauth", Fault("truncated"), SourceUnavailableError, "token endpoint"),
        ],
    )
    def test_a_service_out_of_order(
        self, lander: Lander, service: str, fault: Fault, error: type[Exception], said: str
    ) -> None:
        with on_stage(lander) as stage:
            stage.read_data()
        with on_stage(lander, faults={service: fault}) as stage:
            with pytest.raises(error, match=said):
                stage.read_analytics()
            assert not stage.select(CHANNEL_DAY_CORE, "1")
        with on_stage(lander) as stage:
            stage.read_analytics()
            check_against_world(stage)

    def test_our_client_is_refused(self, lander: Lander) -> None:
        with (
            on_stage(lander) as stage,
            pytest.raises(CredentialsError, match="GOOGLE_CLIENT_ID") as caught,
        ):
            stage.read_analytics(client_secret="wrong-secret")
        assert "wrong-secret" not in str(caught.value)


class TestCheck:
    def test_it_works(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            assert f"{TEN} channels connected" in stage.analytics().check()
            assert stage.calls() == {"token": 1, "reports": 1}

    def test_no_permission_is_valid(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.tokens = {name: RefreshToken("1//revoked") for name in stage.tokens}
            with pytest.raises(CredentialsError, match="not valid any more"):
                stage.analytics().check()

    def test_nobody_is_connected(self, lander: Lander) -> None:
        with on_stage(lander) as stage:
            stage.tokens = {}
            with pytest.raises(CredentialsError, match="No channel is connected"):
                stage.analytics().check()


def test_no_token_is_landed(lander: Lander) -> None:
    with on_stage(lander) as stage:
        stage.read_data()
        stage.read_analytics()
        secrets = [token.secret for token in stage.tokens.values()]
        tables = lander.query("""
            select table_schema || '.' || table_name from information_schema.tables
            where table_schema ~ '^(raw_|ops$)'
        """)
        for (table,) in tables:
            text = str(lander.query(f"select * from {table}"))
            assert not any(secret in text for secret in secrets), table
