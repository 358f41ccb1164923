"""From findings to an assessment: how urgent, which way it leans, what the family is told, and why.

A rule is a sentence, a boolean condition over finding codes, and a consequence. Every rule whose condition holds
fires; the highest urgency wins (law 7: machines raise). Clinical rules know no "not", so another sign can never
lower anything. What no rule understands is URGENT and a person's. Deliberately not here: words, numbers, people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, IntEnum
from functools import lru_cache

from oncall.core.reports import Finding, Heard
from oncall.core.triage.vocabulary import BACKGROUND_GROUPS, Sign

_CLOSE = 3  # withdrawal and overdose nearer than this cannot be told apart (evidence 8)


class Urgency(IntEnum):
    """Ordered: a rule may raise it, only a person may lower it."""

    ROUTINE = 0
    SAME_DAY = 1
    URGENT = 2
    EMERGENCY = 3

    @property
    def word(self) -> str:
        return self.name.lower()


class Leaning(Enum):
    """Which way the picture leans; never a diagnosis."""

    WITHDRAWAL = "withdrawal"
    OVERDOSE = "overdose"
    CANNOT_TELL = "cannot_tell"
    DEVICE = "device"
    INFECTION = "infection"
    OTHER = "other"
    NONE = "none"


ADVICE = ("office", "wait_for_call", "go_now", "call_911")  # mildest first
MILDEST = {
    Urgency.ROUTINE: "office",
    Urgency.SAME_DAY: "wait_for_call",
    Urgency.URGENT: "wait_for_call",
    Urgency.EMERGENCY: "go_now",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """Boolean over codes; every part that is given must hold."""

    all: tuple[Condition | str, ...] = ()
    any: tuple[Condition | str, ...] = ()
    at_least: int = 0
    of: tuple[Condition | str, ...] = ()
    none: tuple[Condition | str, ...] = ()  # written `not` in the files; office rules only
    _plain_all: frozenset[str] = field(init=False, repr=False)
    _plain_any: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_plain_all", frozenset(part for part in self.all if isinstance(part, str)))
        object.__setattr__(self, "_plain_any", frozenset(part for part in self.any if isinstance(part, str)))

    def holds(self, codes: frozenset[str]) -> bool:
        if not self._plain_all <= codes:
            return False
        if self.any and self._plain_any.isdisjoint(codes) and not _some(self.any, codes):
            return False
        if any(not part.holds(codes) for part in self.all if isinstance(part, Condition)):
            return False
        if self.at_least and sum(_holds(part, codes) for part in self.of) < self.at_least:
            return False
        return not _some(self.none, codes)

    def mentions(self) -> frozenset[str]:
        """Codes that help it to hold (those under `not` do not)."""
        found: set[str] = set()
        for part in (*self.all, *self.any, *self.of):
            found |= {part} if isinstance(part, str) else part.mentions()
        return frozenset(found)


def _some(parts: tuple[Condition | str, ...], codes: frozenset[str]) -> bool:
    return any(_holds(part, codes) for part in parts)


def _holds(part: Condition | str, codes: frozenset[str]) -> bool:
    return part in codes if isinstance(part, str) else part.holds(codes)


@dataclass(frozen=True, slots=True)
class Rule:
    """One declared rule. No urgency: it only tells which way the picture leans."""

    id: str
    says: str
    when: Condition
    leans: Mapping[Leaning, int]
    urgency: Urgency | None
    advice: str | None
    source: str


@dataclass(frozen=True, slots=True, eq=False)
class Ruleset:
    """All rules of an edition, found by the codes they mention."""

    rules: tuple[Rule, ...]
    signs: Mapping[str, Sign]
    edition: str
    asked: tuple[tuple[str, ...], ...] = ()  # what each question could bring up, most dangerous first
    by_code: Mapping[str, tuple[Rule, ...]] = field(init=False)
    places: Mapping[str, int] = field(init=False)  # rule id -> where it stands in the files

    def __post_init__(self) -> None:
        index: dict[str, list[Rule]] = {}
        for rule in self.rules:
            for code in rule.when.mentions():
                index.setdefault(code, []).append(rule)
        object.__setattr__(self, "by_code", {code: tuple(rules) for code, rules in index.items()})
        object.__setattr__(self, "places", {rule.id: place for place, rule in enumerate(self.rules)})

    @lru_cache(maxsize=8192)  # noqa: B019 - an edition lives as long as the process; the same signs come again
    def firing(self, codes: frozenset[str]) -> tuple[Rule, ...]:
        """The rules that hold, in the order of the files."""
        near = {rule.id: rule for code in codes for rule in self.by_code.get(code, ())}
        held = [rule for rule in near.values() if rule.when.holds(codes)]
        return tuple(sorted(held, key=lambda rule: self.places[rule.id]))


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that fired, in its sentence, with the codes that made it fire."""

    rule: str
    says: str
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assessment:
    """The conclusion over all findings of a case. `leanings`: primary first, never empty."""

    urgency: Urgency
    leanings: tuple[Leaning, ...]
    advice: str
    because: tuple[Reason, ...]
    would_raise: tuple[str, ...]
    edition: str
    needs_human: bool


NOTHING_UNDERSTOOD = Reason("nothing-understood", "Nothing here could be understood; a person must read it.", ())
NOT_IN_THE_WORDS = Reason("unknown-sign", "A sign that this edition does not know; a person must read it.", ())
ALL_DENIED = Reason("nothing-present", "Signs were named only to deny them, or of another time or person.", ())


def assess(findings: Iterable[Finding], rules: Ruleset) -> Assessment:
    """What these findings mean. Total; nothing matched is URGENT and a human (law 1)."""
    heard = tuple(findings)
    codes = frozenset(finding.code for finding in heard if finding.heard.counts)
    return _matched(codes, rules) or _unmatched(heard, codes, rules.firing(codes), rules)


@lru_cache(maxsize=8192)
def _matched(codes: frozenset[str], rules: Ruleset) -> Assessment | None:
    """What the rules with an urgency make of these signs; None where none of them holds."""
    fired = rules.firing(codes)
    urgent = [rule for rule in fired if rule.urgency is not None]
    if not urgent:
        return None
    strange = codes - rules.signs.keys()  # of an earlier edition, in a case that is still open (law 1)
    least = Urgency.URGENT if strange else Urgency.ROUTINE
    urgency = max(least, *(rule.urgency for rule in urgent if rule.urgency is not None))
    return Assessment(
        urgency=urgency,
        leanings=_leanings(fired, urgency),
        advice=_advice(urgent, urgency),
        because=(*_strangeness(strange), *(_reason(rule, codes) for rule in sorted(fired, key=_weight, reverse=True))),
        would_raise=_would_raise(codes, urgency, rules),
        edition=rules.edition,
        needs_human=any(code in strange or rules.signs[code].group == "unread" for code in codes),
    )


def _strangeness(strange: frozenset[str]) -> tuple[Reason, ...]:
    return (replace(NOT_IN_THE_WORDS, findings=tuple(sorted(strange))),) if strange else ()


def _unmatched(heard: tuple[Finding, ...], codes: frozenset[str], fired: Iterable[Rule], rules: Ruleset) -> Assessment:
    """No rule with an urgency: denied words wait for a person's eyes today, silence and riddles page now."""
    of_today = {code for code in codes if not _is_quiet(code, rules)}
    spoken_of = any(not finding.heard.counts or _is_well(finding.code, rules) for finding in heard)
    denied = spoken_of and not of_today
    return Assessment(
        urgency=Urgency.SAME_DAY if denied else Urgency.URGENT,
        leanings=(Leaning.NONE,) if denied else (*(_ranked(_weights(fired))), Leaning.OTHER)[:1],
        advice="wait_for_call",
        because=(ALL_DENIED if denied else NOTHING_UNDERSTOOD, *(_reason(rule, codes) for rule in fired)),
        would_raise=_would_raise(codes, Urgency.SAME_DAY if denied else Urgency.URGENT, rules),
        edition=rules.edition,
        needs_human=not denied,
    )


def _is_quiet(code: str, rules: Ruleset) -> bool:
    sign = rules.signs.get(code)
    return sign is not None and (sign.group in BACKGROUND_GROUPS or sign.group == "well")


def _is_well(code: str, rules: Ruleset) -> bool:
    return code in rules.signs and rules.signs[code].group == "well"


def _weight(rule: Rule) -> int:
    return -1 if rule.urgency is None else rule.urgency


def _reason(rule: Rule, codes: frozenset[str]) -> Reason:
    return Reason(rule.id, rule.says, tuple(sorted(rule.when.mentions() & codes)))


def _advice(urgent: list[Rule], urgency: Urgency) -> str:
    given = [rule.advice for rule in urgent if rule.advice and rule.urgency == urgency]
    return max((*given, MILDEST[urgency]), key=ADVICE.index)


def _weights(fired: Iterable[Rule]) -> dict[Leaning, int]:
    weights: dict[Leaning, int] = {}
    for rule in fired:
        for leaning, weight in rule.leans.items():
            weights[leaning] = weights.get(leaning, 0) + weight
    return weights


def _ranked(weights: Mapping[Leaning, int]) -> tuple[Leaning, ...]:
    order = list(Leaning)
    leaning = [name for name, weight in weights.items() if weight > 0]
    return tuple(sorted(leaning, key=lambda name: (-weights[name], order.index(name))))


def _leanings(fired: Iterable[Rule], urgency: Urgency) -> tuple[Leaning, ...]:
    """Primary first. Withdrawal and overdose too near each other are one answer: CANNOT_TELL (evidence 8)."""
    if urgency == Urgency.ROUTINE:
        return (Leaning.NONE,)
    weights = _weights(fired)
    torn = Leaning.CANNOT_TELL in weights
    weights.pop(Leaning.CANNOT_TELL, None)
    too_little, too_much = weights.get(Leaning.WITHDRAWAL, 0), weights.get(Leaning.OVERDOSE, 0)
    ranked = _ranked(weights)
    if torn or (too_little > 0 and too_much > 0 and abs(too_little - too_much) < _CLOSE):
        ranked = _with_cannot_tell(ranked)
    return ranked or (Leaning.OTHER,)


def _with_cannot_tell(ranked: tuple[Leaning, ...]) -> tuple[Leaning, ...]:
    """CANNOT_TELL in the place of the likelier of the two; both stay listed behind it, the likelier first."""
    sides = {Leaning.WITHDRAWAL, Leaning.OVERDOSE}
    pair = [name for name in ranked if name in sides]
    pair += [name for name in (Leaning.WITHDRAWAL, Leaning.OVERDOSE) if name not in pair]
    others = [name for name in ranked if name not in sides]
    place = next((i for i, name in enumerate(ranked) if name in sides), len(others))
    return (*others[:place], Leaning.CANNOT_TELL, *pair, *others[place:])


@lru_cache(maxsize=8192)
def _would_raise(codes: frozenset[str], urgency: Urgency, rules: Ruleset) -> tuple[str, ...]:
    """What the questions could still bring up that would raise this: told on the page, asked first."""
    if urgency == Urgency.EMERGENCY:
        return ()
    found: list[str] = []
    for answers in rules.asked:
        for code in answers:
            if code not in codes and _raises(code, codes, urgency, rules):
                found.append(code)
                break
    return tuple(found)


def _raises(code: str, codes: frozenset[str], urgency: Urgency, rules: Ruleset) -> bool:
    more = codes | {code}
    return any(
        rule.urgency is not None and rule.urgency > urgency and rule.when.holds(more)
        for rule in rules.by_code.get(code, ())
    )


def counted(findings: Iterable[Finding]) -> frozenset[str]:
    """The codes that must be acted on."""
    return frozenset(finding.code for finding in findings if finding.heard.counts)


def merge(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """One finding per code, the most dangerous way it was heard: a denial never lowers what was asserted."""
    order = (Heard.PRESENT, Heard.NOT_SURE, Heard.DENIED, Heard.NOT_SAID)
    kept: dict[str, Finding] = {}
    for finding in findings:
        known = kept.get(finding.code)
        if known is None or order.index(finding.heard) < order.index(known.heard):
            kept[finding.code] = finding
    return tuple(kept.values())
