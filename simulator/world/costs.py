"""What the videos cost: the platform's call ledger, and the providers' own totals of it.

Amounts are whole micro-dollars. Every attempt at a video costs, up to the stage where it failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np

from simulator.world.channels import ChannelTraits
from simulator.world.days import to_seconds
from simulator.world.generation import MAX_ATTEMPTS, STAGES
from simulator.world.model import ElevenLabsUsage, OpenAICost
from simulator.world.random_streams import Floats, Ints, Noise, base62, generator
from simulator.world.videos import VideoPlan

MICRO = Decimal("0.000001")
PRICE_VERSION = "2026-06"

_DAY = 86_400
_SHORT_SECONDS = 60
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that an attempt pays for at the end of a stage."""

    component: str
    stage: str
    model: str
    unit: str
    nano_usd: int  # price of a unit
    mean_usd: float  # spent by an attempt at a video of the usual length
    unit_parts: int = 1  # the unit is counted in such parts

    @property
    def is_call(self) -> bool:
        """Say whether a provider answers it, with a request id."""
        return self.unit_parts == 1 and self.unit != "second"


RESOURCES = (
    Resource("openai", "script_generation", "gpt-5.1", "token", 7_350, 0.43),
    Resource("elevenlabs", "voice_synthesis", "eleven_multilingual_v3", "character", 180_000, 0.46),
    Resource("stability_ai", "visual_generation", "stable-image-core", "image", 30_000_000, 0.21),
    Resource("pexels", "visual_generation", "pexels-video", "download", 12_500_000, 0.06),
    Resource("other_api", "visual_generation", "music-and-captions", "call", 2_500_000, 0.24),
    Resource("gpu_compute", "video_assembly", "rtx-5090", "second", 550_000, 0.38),
    Resource("cpu_compute", "video_assembly", "ryzen-9950x", "second", 50_000, 0.12),
    Resource("openai", "quality_check", "gpt-5.1-mini", "token", 1_240, 0.08),
    Resource("storage", "quality_check", "object-storage", "gigabyte", 23_000_000, 0.06, 10_000),
    Resource("bandwidth", "quality_check", "egress", "gigabyte", 85_000_000, 0.09, 10_000),
)
COMPONENTS = (
    "openai", "elevenlabs", "stability_ai", "pexels", "other_api", "cpu_compute", "gpu_compute",
    "storage", "bandwidth",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ledger:
    """A channel's ledger entries by columns: one for each attempt and resource, by moment."""

    place: Ints  # of the video in the channel's plan
    attempt: Ints
    resource: Ints  # index into RESOURCES
    parts: Ints  # units x the resource's unit_parts
    micro_usd: Ints
    occurred: Ints  # seconds since 1970

    def cost_by_video(self, videos: int) -> Ints:
        """Return micro-dollars by place in the plan."""
        totals = np.zeros(videos, dtype=np.int64)
        np.add.at(totals, self.place, self.micro_usd)
        return totals

    def cost_by_component(self, videos: int) -> Ints:
        """Return micro-dollars by place in the plan and component, in the order of COMPONENTS."""
        totals = np.zeros((videos, len(COMPONENTS)), dtype=np.int64)
        component = np.array([COMPONENTS.index(each.component) for each in RESOURCES])
        np.add.at(totals, (self.place, component[self.resource]), self.micro_usd)
        return totals


def ledger_of(seed: int, traits: ChannelTraits, plan: VideoPlan, as_of: datetime) -> Ledger:
    """Return what a channel's videos have cost until an instant."""
    noise = Noise(seed, "ledger", traits.number)
    attempts = plan.attempts
    stages = np.array([STAGES.index(each.stage) for each in RESOURCES])
    occurred = attempts.stage_ends[:, :, stages]
    spent = attempts.failed_stage[:, :, None] >= stages
    spent &= (np.arange(MAX_ATTEMPTS) < attempts.count[:, None])[:, :, None]
    spent &= occurred <= to_seconds(as_of)
    parts = _parts(noise, traits, plan)
    nano = np.array([each.nano_usd for each in RESOURCES])
    divisor = np.array([each.unit_parts for each in RESOURCES]) * 1_000
    micro = (parts * nano + divisor // 2) // divisor
    place, attempt, resource = np.nonzero(spent)
    moments = occurred[place, attempt, resource]
    order = np.lexsort((resource, attempt, place, moments))
    place, attempt, resource = place[order], attempt[order], resource[order]
    chosen = (place, attempt, resource)
    return Ledger(place, attempt, resource, parts[chosen], micro[chosen], moments[order])


def _parts(noise: Noise, traits: ChannelTraits, plan: VideoPlan) -> Ints:
    """Return what is used by (video, attempt, resource), in parts of the resource's unit."""
    serial = plan.serial[:, None, None]
    turns, which = np.arange(MAX_ATTEMPTS)[:, None], np.arange(len(RESOURCES))
    length = plan.duration / (traits.niche.minutes * 60)
    effort = np.where(plan.duration < _SHORT_SECONDS, 0.42, 0.45 + 0.55 * np.sqrt(length))
    effort = effort * np.exp(0.16 * noise.normal("effort", plan.serial))
    spread = np.exp(0.22 * noise.normal("spread", serial, turns, which))
    means: Floats = np.array([each.mean_usd for each in RESOURCES])
    prices = np.array([each.nano_usd / each.unit_parts * 1e-9 for each in RESOURCES])
    parts = np.rint(effort[:, None, None] * spread * means / prices)
    return np.asarray(np.maximum(parts, 1).astype(np.int64))


class ProviderTotals:
    """What the providers say was used by UTC day: the ledger's sum and a little more."""

    def __init__(self, seed: int, as_of: datetime) -> None:
        self._seed, self._today = seed, as_of.date()
        self._micro: dict[int, Ints] = {}
        self._parts: dict[int, Ints] = {}

    def add(self, ledger: Ledger) -> None:
        """Count a channel's entries."""
        days = ledger.occurred // _DAY
        for day in np.unique(days).tolist():
            today = days == day
            for table, column in ((self._micro, ledger.micro_usd), (self._parts, ledger.parts)):
                sums = table.setdefault(day, np.zeros(len(RESOURCES), dtype=np.int64))
                np.add.at(sums, ledger.resource[today], column[today])

    def openai_costs(self) -> list[OpenAICost]:
        """Return OpenAI's costs by day, project and line item."""
        production = "proj_" + base62(24, self._seed, "openai", "production")
        research = "proj_" + base62(24, self._seed, "openai", "research")
        costs: list[OpenAICost] = []
        for day, sums in self._by_day(self._micro):
            stream = generator(self._seed, "openai", day)
            for index, resource in enumerate(RESOURCES):
                if resource.component != "openai" or not sums[index]:
                    continue
                total = Decimal(int(sums[index])) * MICRO
                total *= 1 + Decimal(int(stream.integers(0, 900))) / 100_000  # not in the ledger
                given = (total * Decimal("0.31")).quantize(Decimal("1e-8"))
                costs += [
                    OpenAICost(day, production, f"{resource.model}, input", given),
                    OpenAICost(
                        day,
                        production,
                        f"{resource.model}, output",
                        (total - given).quantize(Decimal("1e-8")),
                    ),
                ]
            trials = Decimal(int(stream.integers(20_000, 900_000))) * MICRO
            costs.append(OpenAICost(day, research, "gpt-5.1-mini, output", trials))
        return costs

    def elevenlabs_usage(self) -> list[ElevenLabsUsage]:
        """Return ElevenLabs' usage by day and product."""
        voice = next(i for i, each in enumerate(RESOURCES) if each.component == "elevenlabs")
        price = Decimal(RESOURCES[voice].nano_usd) / 10**9
        usage: list[ElevenLabsUsage] = []
        for day, sums in self._by_day(self._parts):
            stream = generator(self._seed, "elevenlabs", day)
            spoken = int(sums[voice]) + int(int(sums[voice]) * float(stream.uniform(0, 0.008)))
            other = int(stream.integers(150, 4_000))
            for product, credits_used in (("text_to_speech", spoken), ("sound_effects", other)):
                amount = (credits_used * price).quantize(MICRO)
                usage.append(ElevenLabsUsage(day, product, credits_used, amount))
        return usage

    def _by_day(self, table: Mapping[int, Ints]) -> Iterator[tuple[date, Ints]]:
        nothing = np.zeros(len(RESOURCES), dtype=np.int64)
        first = min(table, default=0)
        last = (self._today - _EPOCH).days if table else -1
        for number in range(first, last + 1):
            yield _EPOCH + timedelta(days=number), table.get(number, nothing)


def provider_totals(seed: int, as_of: datetime, ledgers: Iterable[Ledger]) -> ProviderTotals:
    """Return the providers' view of all ledgers."""
    totals = ProviderTotals(seed, as_of)
    for ledger in ledgers:
        totals.add(ledger)
    return totals
