"""The platform's users, present and former, and how far each scale goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from unicodedata import combining, normalize

from simulator.world.lives import former_life, present_life
from simulator.world.model import User
from simulator.world.random_streams import base62, generator, stable_uuid
from simulator.world.stories import LifeStory

CHANNELS_PER_USER = 5

_FIRST_NAMES = (
    "Amara", "Zoë", "Liam", "José", "Priya", "Łukasz", "Mei", "Noah", "Fatima", "Søren", "Chloé",
    "Mateo", "Aisha", "Björn", "Ines", "Kofi", "Yuki", "Olivia", "Tariq", "Renée", "Diego", "Hana",
    "Jürgen", "Siobhan", "Anika", "Emil", "Thandiwe", "Marco", "Leila", "Grace",
)  # fmt: skip
_LAST_NAMES = (
    "Okafor", "Müller", "Nguyen", "García", "Sharma", "Kowalski", "Chen", "O'Brien", "Haddad",
    "Lindqvist", "Dubois", "Rossi", "Adeyemi", "Johansson", "Costa", "Mensah", "Tanaka", "Smith",
    "Al-Farsi", "Lefèvre", "Fernández", "Kim", "Weiß", "Murphy", "Iyer", "Novák", "Dlamini",
    "Bianchi", "Karimi", "Walker",
)  # fmt: skip
_PLACES = (
    ("US", "America/New_York", 0.22), ("US", "America/Chicago", 0.12),
    ("US", "America/Los_Angeles", 0.12), ("GB", "Europe/London", 0.12),
    ("CA", "America/Toronto", 0.08), ("DE", "Europe/Berlin", 0.08), ("IN", "Asia/Kolkata", 0.07),
    ("AU", "Australia/Sydney", 0.06), ("FR", "Europe/Paris", 0.05),
    ("BR", "America/Sao_Paulo", 0.04), ("NG", "Africa/Lagos", 0.02), ("JP", "Asia/Tokyo", 0.02),
)  # fmt: skip
_ACQUISITION = (("paid", 0.45), ("organic", 0.35), ("referral", 0.2))


@dataclass(frozen=True, slots=True)
class Scale:
    """How large a world is: users with channels, users who have left, days of videos."""

    name: str
    users: int
    former_users: int
    days: int
    api_calls_per_day: int


SCALES = {
    "small": Scale("small", 5, 4, 30, 60),
    "mvp": Scale("mvp", 50, 12, 90, 400),
    "growth": Scale("growth", 500, 120, 90, 1_500),
}


@dataclass(frozen=True, slots=True)
class Person:
    """A user with the life that led to its present state; `number` is None for former users."""

    number: int | None
    user: User
    life: LifeStory


def people(seed: int, scale: Scale, start: date, as_of: datetime) -> list[Person]:
    """Return who has signed up until an instant, by sign-up."""
    present = [
        (number, present_life(seed, number, start, scale.days, as_of))
        for number in range(scale.users)
    ]
    former = [(None, former_life(seed, number, start)) for number in range(scale.former_users)]
    found = [
        Person(number, _user(seed, life, as_of), life)
        for number, life in (*present, *former)
        if life.signup_at <= as_of
    ]
    return sorted(found, key=lambda person: (person.user.signup_at, person.user.user_id))


def _user(seed: int, life: LifeStory, as_of: datetime) -> User:
    stream = generator(seed, "person", life.user_key)
    first, last = (names[int(stream.integers(len(names)))] for names in (_FIRST_NAMES, _LAST_NAMES))
    place = _PLACES[int(stream.choice(len(_PLACES), p=[weight for *_, weight in _PLACES]))]
    acquisition = int(stream.choice(len(_ACQUISITION), p=[weight for _, weight in _ACQUISITION]))
    tier, status, updated_at = _standing(life, as_of)
    user_id = stable_uuid(seed, "user", life.user_key)
    return User(
        user_id=user_id,
        email=_email(first, last, user_id.hex[:6]),
        full_name=f"{first} {last}",
        signup_at=life.signup_at,
        subscription_tier=tier,
        status=status,
        acquisition_channel=_ACQUISITION[acquisition][0],
        country=place[0],
        time_zone=place[1],
        stripe_customer_id="cus_" + base62(14, seed, "customer", life.user_key),
        target_revenue_usd=Decimal("10000.00"),
        updated_at=updated_at,
    )


def _standing(life: LifeStory, as_of: datetime) -> tuple[str, str, datetime]:
    """Return (tier, status, when either last changed) at an instant."""
    known = life.known_at(as_of)
    if not known:
        return "beta", "active", life.signup_at
    last = known[-1]
    moments = [last.started_at, *(change.at for change in last.changes if change.at < as_of)]
    ended_at = last.ending.ended_at if last.ending else None
    if ended_at is not None and ended_at < as_of:
        moments.append(ended_at)
    return (
        last.plan_before(as_of).tier,
        "active" if last.is_alive(as_of) else "churned",
        max(moments),
    )


def _email(first: str, last: str, suffix: str) -> str:
    letters = normalize("NFKD", f"{first}.{last}".lower().replace("ł", "l").replace("ø", "o"))
    plain = "".join(c for c in letters.replace("ß", "ss") if not combining(c) and c != "'")
    return f"{plain}.{suffix}@example.com"
