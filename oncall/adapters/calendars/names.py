"""Whom a schedule from elsewhere means: our people and tiers by their names as others write them.

"Lee, Ana MD", "Dr. Lee" and "A Lee" are Ana Lee while nobody else could be meant. What fits two is not decided here,
and what fits nobody is answered with the nearest names; neither is ever guessed. Deliberately not here: dates.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from oncall.core.rota.on_call import Person, Rota, tiers

_BEFORE = ("dr", "doctor", "prof", "professor", "mr", "mrs", "ms")
_BEHIND = ("md", "do", "np", "rn", "pa", "phd", "aprn", "crnp", "fellow")
_TITLES = frozenset((*_BEFORE, *_BEHIND, "on", "call", "oncall"))
_NOBODY = frozenset({"nobody", "vacant", "open", "unassigned", "unfilled", "tbd", "none", "open shift"})
EVERYTHING_ELSE = ""  # what "*" is without its punctuation
_NEAR = 60  # of 100; below, a suggestion helps nobody
Keys = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Found:
    """`id` is what is meant; without it `could_be` are several that fit equally, or the nearest ones."""

    id: str | None
    could_be: tuple[str, ...] = ()
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """Our names, and those that the coordinator has explained ("Rivera A" is ana; "" means: leave it out)."""

    people: Keys
    tiers: Keys
    said_people: Mapping[str, str]
    said_tiers: Mapping[str, str]

    def person(self, text: str) -> Found:
        return _found(text, self.people, self.said_people)

    def tier(self, text: str) -> Found:
        return _found(text, self.tiers, self.said_tiers)

    def in_free_text(self, text: str) -> tuple[Found, str]:
        """The person in a summary such as "Pump primary - Dr Lee", and what is left of it: perhaps the tier."""
        whole = self.person(text)
        if whole.id is not None:
            return whole, ""
        parts = [part for part in re.split(r"\s+[-–|/]\s+|[:,;()\[\]]|\s+on call\b", text) if part.strip()]
        for place, part in enumerate(parts):
            found = self.person(part)
            if found.id is not None or found.ambiguous:
                return found, " ".join(parts[:place] + parts[place + 1 :])
        return whole, " ".join(parts)


def names_of(rota: Rota, people: Mapping[str, str], said_tiers: Mapping[str, str]) -> Names:
    """What is known of a rota, with what the coordinator has said."""
    by_person = ((key, person.id) for person in rota.people.values() for key in _keys(person))
    own = {tier for tier in tiers(rota) if "/" in tier}
    by_tier = ((key, tier) for tier in own for key in _tier_keys(tier, rota))
    said = [{plain(text): id for text, id in told.items()} for told in (people, said_tiers)]
    return Names(_gathered(by_person), _gathered(by_tier), *said)


def is_nobody(text: str) -> bool:
    return plain(text) in _NOBODY or text.strip().casefold().startswith("nobody")


def plain(text: str) -> str:
    """Small letters without accents, titles and punctuation; "Last, First" turned round."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text[:200]) if not unicodedata.combining(c)).casefold()
    parts = [part for part in (_words(part) for part in bare.split(",")) if part]
    return " ".join(word for part in (reversed(parts) if len(parts) == 2 else parts) for word in part)


def _words(text: str) -> list[str]:
    bare = re.sub(r"[.'’]", "", text)
    return [word for word in re.split(r"[\W_]+", bare) if word and word not in _TITLES]


def _keys(person: Person) -> Iterator[str]:
    for name in (person.id, person.name, person.spoken):
        yield plain(name)
    words = plain(person.name).split()
    if len(words) > 1:
        first, rest = words[0], " ".join(words[1:])
        yield from (first, rest, words[-1], f"{rest} {first}", f"{first[0]} {rest}", f"{rest} {first[0]}")


def _tier_keys(tier: str, rota: Rota) -> Iterator[str]:
    rotation, _, layer = tier.partition("/")
    yield plain(tier)
    yield plain(rotation if len(rota.rotations[rotation].layers) == 1 else layer)


def _gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    gathered: dict[str, set[str]] = {}
    for key, id in pairs:
        if key:
            gathered.setdefault(key, set()).add(id)
    return {key: frozenset(ids) for key, ids in gathered.items()}


def _found(text: str, keys: Keys, said: Mapping[str, str]) -> Found:
    words = plain(text)
    if words in said:
        return Found(said[words])
    fits = sorted(keys.get(words, ()))
    if len(fits) == 1:
        return Found(fits[0])
    if fits:
        return Found(None, tuple(fits), ambiguous=True)
    if EVERYTHING_ELSE in said:
        return Found(said[EVERYTHING_ELSE])
    near = (
        process.extract(words, list(keys), scorer=fuzz.token_sort_ratio, score_cutoff=_NEAR, limit=6) if words else []
    )
    ids = [id for key, _, _ in near for id in sorted(keys[key])]
    return Found(None, tuple(dict.fromkeys(ids))[:3])
