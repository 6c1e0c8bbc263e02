"""The platform's technical logs: API calls, errors and the state of its machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from simulator.platform.tables import Row, Table
from simulator.world.days import to_instant, to_seconds
from simulator.world.model import User
from simulator.world.random_streams import generator

_EPOCH = date(2020, 1, 1)
_IDS_PER_DAY = 100_000
_ENDPOINTS = (
    ("GET", "/api/v1/channels", 45, 0.24),
    ("GET", "/api/v1/videos", 70, 0.26),
    ("POST", "/api/v1/videos/generate", 180, 0.12),
    ("GET", "/api/v1/analytics/overview", 320, 0.16),
    ("GET", "/api/v1/analytics/revenue", 280, 0.10),
    ("PATCH", "/api/v1/channels/{id}", 95, 0.04),
    ("POST", "/api/v1/auth/token", 60, 0.08),
)
_STATUSES = ((200, 0.955), (400, 0.012), (401, 0.012), (404, 0.011), (429, 0.004), (500, 0.006))
_ERRORS = (
    ("warning", "youtube-uploader", "upload slow: 900 s for one video"),
    ("warning", "quota-guard", "YouTube quota above 80%"),
    ("error", "render-worker", "CUDA out of memory, job rescheduled"),
    ("error", "billing-webhook", "signature check failed"),
    ("error", "voice-service", "ElevenLabs answered 503"),
    ("critical", "queue", "worker lost its heartbeat"),
)
_HOSTS = ("api-01", "render-01", "render-02")
_SAMPLE_SECONDS = 3 * 3_600


@dataclass(frozen=True, slots=True)
class Activity:
    """Makes the log tables, from the world's first day to its instant."""

    seed: int
    start: date
    as_of: datetime
    users: Sequence[User]  # by sign-up
    calls_per_day: int

    def tables(self) -> tuple[Table, Table, Table]:
        """Return api_logs, error_logs and system_metrics."""
        calls = ("log_id", "occurred_at", "endpoint", "method", "status_code", "response_time_ms",
                 "user_id", "updated_at")  # fmt: skip
        errors = ("error_id", "occurred_at", "severity", "service", "message", "updated_at")
        metrics = ("metric_id", "recorded_at", "host", "cpu_usage", "gpu_usage", "memory_usage",
                   "storage_available_gb", "queue_depth", "updated_at")  # fmt: skip
        return (
            Table("api_logs", calls, self._calls()),
            Table("error_logs", errors, self._errors()),
            Table("system_metrics", metrics, self._metrics()),
        )

    def _days(self) -> Iterator[tuple[date, int, int]]:
        """Yield (day, its beginning in seconds, the first id of its rows)."""
        day = self.start
        while day <= self.as_of.date():
            begin = to_seconds(datetime(day.year, day.month, day.day, tzinfo=UTC))
            yield day, begin, (day - _EPOCH).days * _IDS_PER_DAY
            day += timedelta(days=1)

    def _calls(self) -> Iterator[Row]:
        now = to_seconds(self.as_of)
        for day, begin, first_id in self._days():
            stream = generator(self.seed, "api calls", day)
            count = int(stream.poisson(self.calls_per_day))
            moments = np.sort(stream.integers(0, 86_400, count)) + begin
            which = stream.choice(len(_ENDPOINTS), count, p=[each[3] for each in _ENDPOINTS])
            codes = stream.choice(
                [code for code, _ in _STATUSES], count, p=[share for _, share in _STATUSES]
            )
            times = stream.lognormal(0.0, 0.45, count)
            known = [user for user in self.users if to_seconds(user.signup_at) <= begin]
            callers = stream.random(count)
            for n in range(int((moments <= now).sum())):
                method, endpoint, usual, _ = _ENDPOINTS[which[n]]
                user_id = known[int(callers[n] * len(known))].user_id if known else None
                at = to_instant(int(moments[n]))
                status = int(codes[n])
                taken = int(usual * times[n] * (6 if status == 500 else 1))
                yield (
                    first_id + n, at, endpoint, method, status, taken,
                    None if status == 401 else user_id, at,
                )  # fmt: skip

    def _errors(self) -> Iterator[Row]:
        for day, begin, first_id in self._days():
            stream = generator(self.seed, "errors", day)
            count = int(stream.poisson(3.5))
            moments = np.sort(stream.integers(0, 86_400, count)) + begin
            kinds = stream.integers(0, len(_ERRORS), count)
            for n in range(count):
                at = to_instant(int(moments[n]))
                if at <= self.as_of:
                    yield (first_id + n, at, *_ERRORS[kinds[n]], at)

    def _metrics(self) -> Iterator[Row]:
        samples = 86_400 // _SAMPLE_SECONDS
        for day, begin, first_id in self._days():
            stream = generator(self.seed, "machines", day)
            draws = stream.random((samples, len(_HOSTS), 4))
            free = 3_900 - 7.5 * ((day - self.start).days % 400)
            for sample in range(samples):
                at = to_instant(begin + sample * _SAMPLE_SECONDS)
                if at > self.as_of:
                    break
                for number, host in enumerate(_HOSTS):
                    cpu, gpu, memory, queue = draws[sample, number].tolist()
                    renders = host.startswith("render")
                    yield (
                        first_id + sample * len(_HOSTS) + number, at, host,
                        round(20 + 65 * cpu, 2), round(30 + 65 * gpu, 2) if renders else None,
                        round(35 + 50 * memory, 2), round(free + 5 * memory, 2),
                        int(14 * queue * queue) if renders else 0, at,
                    )  # fmt: skip
