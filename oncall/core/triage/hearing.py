"""How a sign was spoken of: asserted, doubted, denied, of another time or person, or as the everyday thing.

"No rash but itchy" denies the rash only; "never this stiff" is no denial; "fever went down with Tylenol" is a
fever; "it is happening again like last year" is now. Every doubt between two readings goes to the dangerous one.
The marker words of each language stand in rules/words-*.yaml. Deliberately not here: which signs there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from oncall.core.triage.phrases import Match
from oncall.core.triage.words import Clause

_REACH = 5  # words a denial reaches over
_NEAR = 3


class Manner(Enum):
    """How a sign was spoken of."""

    ASSERTED = "asserted"
    UNSURE = "unsure"
    DENIED = "denied"
    ELSEWHERE = "elsewhere"  # another time, another person, or only imagined
    USUAL = "usual"  # their everyday, said to be unchanged


@dataclass(frozen=True, slots=True)
class Heeded:
    """A clause with the signs and the markers found in it."""

    clause: Clause
    signs: tuple[Match, ...]
    marks: Mapping[str, tuple[Match, ...]]

    def has(self, *kinds: str) -> bool:
        return bool(self.marks) and not self.marks.keys().isdisjoint(kinds)

    def all(self, kind: str) -> tuple[Match, ...]:
        return self.marks.get(kind, ())

    def between(self, kind: str, first: int, last: int) -> bool:
        """Whether such a marker lies strictly between two places."""
        return any(first < mark.first and mark.last < last for mark in self.all(kind))


@dataclass(frozen=True, slots=True)
class Setting:
    """What surrounds a clause: the others of its sentence, and whether the message speaks of lately or of relief."""

    sentence: Sequence[Heeded]
    place: int  # of the clause within its sentence
    recent: bool
    fillers: frozenset[str]

    def has(self, *kinds: str) -> bool:
        return any(heeded.has(*kinds) for heeded in self.sentence)


def manner_of(sign: Match, here: Heeded, setting: Setting, lingers: bool) -> Manner:
    """How this sign was meant. `lingers`: a sign that having stopped does not end (danger, device)."""
    if _is_denied(sign, here, setting):
        return Manner.DENIED
    if here.has("over") and not (lingers or setting.recent or setting.has("again")):
        return Manner.DENIED
    if _is_of_somebody_else(sign, here):
        return Manner.ELSEWHERE
    if not setting.has("again"):
        if _is_past(sign, here, setting):
            return Manner.ELSEWHERE
        imagined = _imagined(here, setting)
        if imagined is not None:
            return imagined
        if _is_their_usual(here, setting):
            return Manner.USUAL
    return Manner.UNSURE if here.has("unsure") else Manner.ASSERTED


def _names_several(setting: Setting) -> bool:
    return len({sign.code for heeded in setting.sentence for sign in heeded.signs if not heeded.has("deny")}) > 2


def _is_their_usual(here: Heeded, setting: Setting) -> bool:
    """Said in its own clause, or in one of the sentence that speaks of nothing else (", same as always")."""
    if setting.has("change"):
        return False
    return here.has("usual") or any(heeded.has("usual") and not heeded.signs for heeded in setting.sentence)


def _is_denied(sign: Match, here: Heeded, setting: Setting) -> bool:
    if any(
        _reaches(mark, sign, here, setting.fillers) or _stands_inside(mark, sign, here, setting.fillers)
        for mark in here.all("deny")
    ):
        return True
    if any(mark.last < sign.first for mark in here.all("never")):
        return not here.has("never_this")
    end = len(here.clause.words) - 1
    if any(0 < mark.first - sign.last <= 2 and mark.last == end for mark in here.all("denied_after")):
        return True
    return (here.clause.asked and _is_answered_no(setting)) or _continues_a_denied_list(here, setting)


def _reaches(denial: Match, sign: Match, here: Heeded, fillers: frozenset[str]) -> bool:
    if denial.last >= sign.first or here.between("stops", denial.last, sign.first):
        return False
    between = here.clause.plain[denial.last + 1 : sign.first]
    return sum(word not in fillers for word in between) <= _REACH


def _stands_inside(denial: Match, sign: Match, here: Heeded, fillers: frozenset[str]) -> bool:
    """ "Her lips are not blue": the sign began before the denial, and its next word follows at once."""
    after = [place for place in sign.places if place > denial.last]
    if not after or denial.first <= sign.first or set(denial.places) & set(sign.places):
        return False
    return all(word in fillers for word in here.clause.plain[denial.last + 1 : after[0]])


def _is_answered_no(setting: Setting) -> bool:
    """ "Fever? No." - the caller puts the bare answer into the sentence it answers."""
    after = setting.sentence[setting.place + 1 :]
    return bool(after) and after[0].has("answer") and not after[0].signs and len(after[0].clause.words) <= 2


def _continues_a_denied_list(here: Heeded, setting: Setting) -> bool:
    """ "No fever, redness, or swelling": a bare list that holds an "or" stays under the denial that opened it."""
    before = setting.sentence[: setting.place]
    if not before or not _is_bare(here, setting) or not _list_has_or(setting):
        return False
    opener = next((heeded for heeded in reversed(before) if not _is_bare(heeded, setting)), before[0])
    return any(_reaches(mark, sign, opener, setting.fillers) for mark in opener.all("deny") for sign in opener.signs)


def _list_has_or(setting: Setting) -> bool:
    return any(heeded.has("or") for heeded in setting.sentence[setting.place :])


def _is_bare(heeded: Heeded, setting: Setting) -> bool:
    """Nothing but signs, fillers and "or": part of a list, no sentence of its own."""
    used = {place for match in (*heeded.signs, *heeded.all("or")) for place in match.places}
    if heeded.has("deny", "present", "stops"):
        return False
    return all(place in used or word in setting.fillers for place, word in enumerate(heeded.clause.plain))


def _is_of_somebody_else(sign: Match, here: Heeded) -> bool:
    for mark in here.all("pet"):
        if not sign.first < mark.first < sign.last and not here.between("patient", *sorted((mark.last, sign.first))):
            return True
    return any(
        mark.last < sign.first and not here.between("patient", mark.last, sign.first) for mark in here.all("other")
    )


def _is_past(sign: Match, here: Heeded, setting: Setting) -> bool:
    if here.has("now"):
        return False
    nearby = (*here.all("past"), *(mark for mark in here.all("once") if mark.last < sign.first))
    if nearby:
        return all(not _present_between(mark, sign, here) for mark in nearby)
    return any(
        heeded.has("past") and not heeded.signs and not heeded.has("now", "present") for heeded in setting.sentence
    ) and not _present_before(sign, here)


def _present_between(mark: Match, sign: Match, here: Heeded) -> bool:
    """ "Three weeks ago his legs are stiff": a present verb between the past and the sign makes it now."""
    between = mark.last < sign.first and here.between("present", mark.last, sign.first)
    return between or _present_before(sign, here)


def _present_before(sign: Match, here: Heeded) -> bool:
    return any(0 < sign.first - mark.last <= _NEAR for mark in here.all("present"))


def _imagined(here: Heeded, setting: Setting) -> Manner | None:
    """ELSEWHERE when only asked about; UNSURE when "if he is floppy" may well be happening."""
    so_far = setting.sentence[: setting.place + 1]
    heard = setting.sentence if here.clause.asked else so_far
    curious = any(heeded.has("curious") for heeded in heard)
    asked_about = curious or any(heeded.has("imagined") for heeded in heard)
    conditional = any(heeded.has("if") for heeded in so_far)
    if here.has("ever") or (setting.has("ever") and not here.has("now", "present")):
        return Manner.ELSEWHERE
    if not (asked_about or conditional):
        return None
    if here.has("now") or (setting.has("now") and not setting.has("future")):
        return Manner.UNSURE
    if curious and not setting.has("imagined", "if") and _names_several(setting):
        return Manner.UNSURE  # who is "just curious" about two signs at once has probably seen them
    if conditional and not asked_about and here.has("present") and not setting.has("future"):
        return Manner.UNSURE
    return Manner.ELSEWHERE
