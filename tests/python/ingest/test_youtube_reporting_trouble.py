"""The Reporting extractor against the stand-in when quotas, bodies or owners fail it."""

from __future__ import annotations

import re

import pytest
from standins import dead_address, extract, quarantine, query
from youtube_reporting_standin import AS_OF, extractor, read, some_channels, told, truth, world_of

from ingest.sources.youtube.reporting import YouTubeReportingExtractor
from ingest.sources.youtube.tokens import RefreshToken
from simulator.http import youtube_reporting as stand_in
from simulator.http.server import running
from warehouse.connection import WarehouseTarget
from warehouse.errors import CredentialsError, QuotaError, SourceUnavailableError


class TestTrouble:
    def test_a_day_quota_ends_it_at_once(self, target: WarehouseTarget) -> None:
        waits: list[float] = []
        with pytest.raises(QuotaError, match="midnight in California"):
            read(target, fault="quota", sleep=waits.append)
        assert not waits

    def test_a_minutes_quota_is_waited_for(
        self, target: WarehouseTarget, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = [1_000_020.0]
        rate = stand_in.Rate(per_minute=20, per_day=0, clock=lambda: now[0])
        monkeypatch.setattr(stand_in, "Rate", lambda: rate)

        def sleep(seconds: float) -> None:
            now[0] += seconds

        read(target, sleep=sleep)
        assert told(target) == truth(AS_OF)
        assert now[0] > 1_000_020 + 60

    def test_a_row_that_is_cut(self, target: WarehouseTarget) -> None:
        landed = read(target, fault="malformed")
        assert landed.quarantined == 1
        ((location, reason, _),) = quarantine(target)
        assert re.fullmatch(r"report \d+, line 2", location)
        assert reason == "the row has 4 values for 5 columns"
        expected = truth(AS_OF)
        assert told(target).items() <= expected.items()
        assert len(told(target)) >= len(expected) - 1

    def test_a_body_that_is_cut(self, target: WarehouseTarget) -> None:
        with pytest.raises(SourceUnavailableError):
            read(target, fault="truncated")
        assert not query(target, "select 1 from raw_youtube.reporting_reports")

    def test_a_dead_server(self, target: WarehouseTarget) -> None:
        with pytest.raises(SourceUnavailableError, match="YOUTUBE_REPORTING_ENDPOINT") as caught:
            read(target, endpoint=dead_address())
        assert caught.value.hint

    def test_an_owner_who_must_reconnect(self, target: WarehouseTarget) -> None:
        world = world_of(AS_OF)
        gone = some_channels(world)[2].youtube_channel_id
        with running(world) as up:
            reader = extractor(up, world)
            tokens = {c.youtube_channel_id: RefreshToken(c.refresh_token) for c in world.channels}
            tokens[gone] = RefreshToken("1//revoked")
            reader = YouTubeReportingExtractor(reader._config, lambda: tokens)
            with pytest.raises(CredentialsError, match=gone):
                extract(reader, target, AS_OF)
            assert "5 channels" in extractor(up, world).check()
        assert {key: v for key, v in truth(AS_OF).items() if key[0] != gone} == told(target)

    def test_check_says_who_must_reconnect(self, target: WarehouseTarget) -> None:
        world = world_of(AS_OF)
        with running(world) as up:
            config = extractor(up, world)._config
            with pytest.raises(CredentialsError, match="No channel is connected"):
                YouTubeReportingExtractor(config, dict).check()
            lost = {"UCx": RefreshToken("1//revoked")}
            with pytest.raises(CredentialsError, match="UCx"):
                YouTubeReportingExtractor(config, lambda: lost).check()
