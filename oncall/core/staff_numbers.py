"""Can this colleague really be reached? Their numbers, how fresh each proof is, and one sentence about the whole.

A number that is added waits until a code that was texted to it has been typed and a key was pressed on a call to it;
until then nobody is paged there. A proof is fresh for thirty days and counts for nothing after sixty; a new number is
looked at twice for a day. What is not known is the worse answer.
Deliberately not here: sending codes (`service.people.number_proofs`), and who is on call.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum

from oncall.core.people import Clinician

FRESH, STALE, NEW = timedelta(days=30), timedelta(days=60), timedelta(hours=24)
CODE_LIVES, CODE_REST, CODE_TRIES = timedelta(minutes=15), timedelta(minutes=1), 5


class Light(IntEnum):
    """The worse, the greater."""

    GREEN = 0
    YELLOW = 1
    RED = 2


@dataclass(frozen=True, slots=True)
class Number:
    """One number of one person (E.164), in use, waiting for its proofs, or retired."""

    number: str
    person: str
    position: int = 1
    proven_at: datetime | None = None  # a human key or reply came from it
    takes_texts: bool = True
    stopped_at: datetime | None = None
    retired_at: datetime | None = None
    added_at: datetime | None = None  # None: it came with an import
    added_by: str | None = None
    in_use_at: datetime | None = None
    texts_proven_at: datetime | None = None
    code_sent_at: datetime | None = None
    code_tries: int = 0

    @property
    def waits(self) -> bool:
        """Added on a page, and not paged yet."""
        return self.retired_at is None and self.added_at is not None and self.in_use_at is None

    @property
    def is_in_use(self) -> bool:
        return self.retired_at is None and not self.waits


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the team, also who has left; `numbers` in their order, without retired ones."""

    id: str
    name: str
    full_name: str
    spoken: str
    role: str
    languages: tuple[str, ...] = ()
    email: str | None = None
    left_at: datetime | None = None
    numbers: tuple[Number, ...] = ()

    @property
    def in_use(self) -> tuple[Number, ...]:
        return tuple(number for number in self.numbers if number.is_in_use)

    def number(self, told: str) -> Number | None:
        return next((one for one in self.numbers if one.number == told), None)


@dataclass(frozen=True, slots=True)
class Proof:
    """How far one number may be trusted, in a few words."""

    light: Light
    words: str


@dataclass(frozen=True, slots=True)
class Readiness:
    light: Light
    sentence: str


def new_until(people: Iterable[Clinician]) -> dict[str, datetime]:
    """Whose first telephone is new, and until when it counts as new."""
    firsts = {person.id: person.phones[0].in_use_at for person in people if person.phones}
    return {person: since + NEW for person, since in firsts.items() if since is not None}


# --- how fresh ----------------------------------------------------------------------------------------------------


def proof_of(number: Number, now: datetime) -> Proof:
    """Proven by a key or reply: under 30 days green, under 60 yellow, else red."""
    if number.waits:
        return Proof(Light.RED, f"waits: {' and '.join(missing_proofs(number))}")
    if number.proven_at is None:
        return Proof(Light.RED, "not proven")
    age = max(now - number.proven_at, timedelta(0))
    days = f"{age.days} days ago" if age.days > 1 else "a day ago" if age.days else "within a day"
    if age >= STALE:
        return Proof(Light.RED, f"proven too long ago: {days}")
    if is_new(number, now):
        return Proof(Light.YELLOW, "new: in use for less than a day")
    return Proof(Light.YELLOW if age >= FRESH else Light.GREEN, f"proven {days}")


def is_new(number: Number, now: datetime) -> bool:
    return number.in_use_at is not None and now - number.in_use_at < NEW


def readiness_of(member: Member, now: datetime, rostered: bool) -> Readiness:
    """One sentence about one person; `rostered`: they stand on a tier that a page reaches."""
    proofs = [(number, proof_of(number, now)) for number in member.in_use]
    if not proofs:
        return Readiness(Light.RED, "not ready: no telephone")
    if all(number.proven_at is None for number, _ in proofs):
        return Readiness(Light.RED, "not ready: no proven telephone")
    if all(proof.light is Light.RED for _, proof in proofs):
        return Readiness(Light.RED, "not ready: no telephone proven within 60 days; send a test page")
    worries = [*_stops(member.in_use), *_unsure(proofs), *_few(member, rostered)]
    return Readiness(Light.YELLOW, f"ready, but {'; '.join(worries)}") if worries else Readiness(Light.GREEN, "ready")


def _stops(numbers: Iterable[Number]) -> list[str]:
    return [f"{_called(number)} takes no texts (STOP)" for number in numbers if number.stopped_at is not None]


def _unsure(proofs: Iterable[tuple[Number, Proof]]) -> list[str]:
    return [f"{_called(number)} is {proof.words}" for number, proof in proofs if proof.light is not Light.GREEN]


def _few(member: Member, rostered: bool) -> list[str]:
    return ["there is no second number"] if rostered and len(member.in_use) == 1 and member.role != "shared" else []


def _called(number: Number) -> str:
    return f"phone {number.position}"


# --- the two proofs ----------------------------------------------------------------------------------------------


def missing_proofs(number: Number) -> list[str]:
    """What a waiting number still needs."""
    return ["the code"] * needs_code(number) + ["the key on a call"] * (number.proven_at is None)


def needs_code(number: Number) -> bool:
    return number.takes_texts and number.texts_proven_at is None


def joined(number: Number, at: datetime) -> Number:
    """In use from now on, once nothing is missing."""
    return replace(number, in_use_at=at) if number.waits and not missing_proofs(number) else number


def code_for(secret: bytes, number: str, sent_at: datetime) -> str:
    """Six digits that only we can make of a number and an instant."""
    digest = hmac.new(secret, f"number|{number}|{sent_at.isoformat()}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"


def code_lives(number: Number, now: datetime) -> bool:
    """Whether a code is out that may still be typed."""
    sent_at = number.code_sent_at
    return sent_at is not None and now - sent_at < CODE_LIVES and number.code_tries < CODE_TRIES


def code_tried(number: Number, typed: str, secret: bytes, at: datetime) -> Number:
    """The number after somebody typed a code: proven, or with one try less. A code works once."""
    if not code_lives(number, at) or number.code_sent_at is None:
        return number
    digits = "".join(char for char in typed if char.isdecimal()).encode()
    if not hmac.compare_digest(code_for(secret, number.number, number.code_sent_at).encode(), digits):
        return replace(number, code_tries=number.code_tries + 1)
    return joined(replace(number, texts_proven_at=at, code_sent_at=None, code_tries=0), at)


def key_pressed(number: Number, at: datetime) -> Number:
    """A human key came from a call that was ordered after the number was added."""
    proven_at = max(number.proven_at, at) if number.proven_at else at
    return joined(replace(number, proven_at=proven_at), at)


def masked(number: str) -> str:
    """For lists that anybody may read over a shoulder."""
    return f"•••• {number[-4:]}"
