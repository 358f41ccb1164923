"""Rules, limits and questions as plain sentences, made from what is declared so that they cannot drift from it.

"IF itching with no rash → URGENT, leans to too little drug." Words that join stand in capitals, because signs
themselves contain "or" and "and". Deliberately not here: which rules fire, and HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from oncall.core.reports import Heard
from oncall.core.triage.assessment import Condition, Leaning, Rule, Urgency
from oncall.core.triage.chapters import Example
from oncall.core.triage.questions import Question
from oncall.core.triage.rulebook import Rulebook
from oncall.core.triage.thresholds import Limit, Limits
from oncall.core.triage.vocabulary import Sign
from oncall.service.cases.card import ADVICE

Signs = Mapping[str, Sign]

LEANINGS = {
    Leaning.WITHDRAWAL: "too little drug",
    Leaning.OVERDOSE: "too much drug",
    Leaning.CANNOT_TELL: "too little or too much, which cannot be told apart",
    Leaning.DEVICE: "the pump or catheter",
    Leaning.INFECTION: "an infection",
    Leaning.OTHER: "something else",
    Leaning.NONE: "nothing",
}
MEASURES = {
    "temperature_c": "temperature in °C",
    "heart_rate": "heart beats a minute",
    "oxygen_percent": "oxygen in %",
    "breaths_a_minute": "breaths a minute",
    "systolic_pressure": "upper blood pressure",
    "residual_surplus_ml": "ml in the reservoir above what was expected",
    "reservoir_above_low_ml": "ml in the reservoir above its low alarm",
    "days_from_refill_to_empty": "days of drug left at the booked refill",
}
_FEW = 3
_KEY_WORDS = re.compile(r"(\d) ([^\d.?]+)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a sentence: a sign by its own words, or what joins signs."""

    text: str
    is_sign: bool = False


@dataclass(frozen=True, slots=True)
class RuleCard:
    """One rule as it is read. `urgency` None: it only tells which way the picture leans."""

    id: str
    says: str
    urgency: Urgency | None
    condition: tuple[Piece, ...]
    consequence: str
    advice: str
    source: str
    chapter: str
    signed: str
    examples: tuple[Example, ...]

    @property
    def sentence(self) -> str:
        return f"IF {''.join(piece.text for piece in self.condition)} → {self.consequence}"

    @property
    def searched(self) -> str:
        """Everything a search looks through, in small letters; examples are many and stay out."""
        said = (self.id, self.says, self.sentence, self.advice, self.source, self.chapter)
        return " ".join(said).lower()


class Searched(Protocol):
    """What a search can look through."""

    @property
    def searched(self) -> str: ...


Searchable = TypeVar("Searchable", bound=Searched)


def rule_cards(rulebook: Rulebook) -> tuple[RuleCard, ...]:
    """Every rule, the most urgent first, as the files have them within one urgency."""
    chapters = {rule: chapter for chapter in rulebook.chapters for rule in chapter.rules}
    cards = []
    for rule in rulebook.rules.rules:
        chapter = chapters.get(rule.id)
        cards.append(
            RuleCard(
                id=rule.id,
                says=rule.says,
                urgency=rule.urgency,
                condition=tuple(condition_pieces(rule.when, rulebook.vocabulary)),
                consequence=consequence_words(rule),
                advice=ADVICE[rule.advice] if rule.advice else "",
                source=rule.source,
                chapter=chapter.name if chapter else "",
                signed=chapter.signed if chapter else "",
                examples=chapter.examples_of(rule.id) if chapter else (),
            )
        )
    return tuple(sorted(cards, key=lambda card: -1 if card.urgency is None else -10 - card.urgency))


def found(cards: Iterable[Searchable], words: str) -> tuple[Searchable, ...]:
    """The cards in which every one of these words stands."""
    wanted = words.lower().split()
    return tuple(card for card in cards if all(word in card.searched for word in wanted))


def rule_sentence(rule: Rule, signs: Signs) -> str:
    condition = "".join(piece.text for piece in condition_pieces(rule.when, signs))
    return f"IF {condition} → {consequence_words(rule)}"


def consequence_words(rule: Rule) -> str:
    """What follows: the urgency, and which way it leans."""
    urgency = urgency_word(rule.urgency) if rule.urgency is not None else "no urgency of its own"
    toward = [LEANINGS[leaning] for leaning, weight in _heaviest_first(rule) if weight > 0]
    against = [LEANINGS[leaning] for leaning, weight in _heaviest_first(rule) if weight < 0]
    said = [urgency]
    said += [f"leans to {' and '.join(toward)}"] if toward else []
    said += [f"speaks against {' and '.join(against)}"] if against else []
    return ", ".join(said)


def _heaviest_first(rule: Rule) -> list[tuple[Leaning, int]]:
    return sorted(rule.leans.items(), key=lambda told: -abs(told[1]))


def urgency_word(urgency: Urgency) -> str:
    return urgency.word.upper().replace("_", " ")


def sign_words(code: str, signs: Signs) -> str:
    return signs[code].sentence if code in signs else plain(code)


def plain(name: str) -> str:
    return name.replace("_", " ")


# --- conditions ----------------------------------------------------------------------------------------------------


def condition_pieces(when: Condition, signs: Signs, inside: bool = False) -> Iterator[Piece]:
    """The condition in reading order; `inside` another one, it stands in brackets where it must."""
    clauses = [[*_part(part, signs)] for part in when.all]
    clauses += [[*_choice(when, signs, alone=not when.all and not when.at_least and not inside)]] if when.any else []
    clauses += [[*_at_least(when, signs)]] if when.at_least else []
    clauses += [[Piece("NOT "), *_part(part, signs)] for part in when.none]
    brackets = inside and len(clauses) > 1
    yield from (Piece("("),) if brackets else ()
    yield from _joined(clauses, " AND ")
    yield from (Piece(")"),) if brackets else ()


def _part(part: Condition | str, signs: Signs) -> Iterator[Piece]:
    if isinstance(part, str):
        yield Piece(sign_words(part, signs), is_sign=True)
    else:
        yield from condition_pieces(part, signs, inside=True)


def _choice(when: Condition, signs: Signs, alone: bool) -> Iterator[Piece]:
    """`any`: a few with OR between, many as a list."""
    parts = [[*_part(part, signs)] for part in when.any]
    if len(parts) > _FEW:
        yield from _listed("ANY OF (", parts)
    elif alone or len(parts) == 1:
        yield from _joined(parts, " OR ")
    else:
        yield from (Piece("("), *_joined(parts, " OR "), Piece(")"))


def _at_least(when: Condition, signs: Signs) -> Iterator[Piece]:
    yield from _listed(f"AT LEAST {when.at_least} OF (", [[*_part(part, signs)] for part in when.of])


def _listed(opening: str, parts: list[list[Piece]]) -> Iterator[Piece]:
    yield from (Piece(opening), *_joined(parts, "; "), Piece(")"))


def _joined(parts: list[list[Piece]], between: str) -> Iterator[Piece]:
    for place, part in enumerate(parts):
        yield from (Piece(between),) if place else ()
        yield from part


# --- questions -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeyCard:
    """One key of a question: its word as the family reads it, and what it counts as."""

    key: str
    word: str
    meaning: str


@dataclass(frozen=True, slots=True)
class QuestionCard:
    code: str
    core: bool
    text: str
    spanish: str
    keys: tuple[KeyCard, ...]
    doubt: str
    takes_temperature: bool


def question_cards(rulebook: Rulebook) -> tuple[QuestionCard, ...]:
    return tuple(_question_card(question, rulebook.vocabulary) for question in rulebook.questions)


def _question_card(question: Question, signs: Signs) -> QuestionCard:
    english = question.text.get("en", plain(question.code))
    words = _key_words(english)
    keys = tuple(
        KeyCard(key, words.get(key, f"key {key}"), _answers(((a.code, a.heard) for a in answers), signs))
        for key, answers in question.keys.items()
    )
    doubt = _answers(((answer.code, answer.heard) for answer in question.doubt), signs)
    asked = re.split(r",? or reply | Reply ", english)[0]
    spanish = question.text.get("es", "")
    return QuestionCard(question.code, question.core, asked, spanish, keys, doubt, question.number == "temperature_c")


def _key_words(text: str) -> dict[str, str]:
    """{"1": "yes"} of "Reply 1 yes 2 no"; the digits of "the last 3 days" stand before."""
    _, _, told = text.lower().rpartition("reply ")
    return {digit: word.strip(" ,") for digit, word in _KEY_WORDS.findall(told)}


def _answers(answers: Iterable[tuple[str, Heard]], signs: Signs) -> str:
    words = {Heard.PRESENT: "", Heard.NOT_SURE: "not sure: ", Heard.DENIED: "no: ", Heard.NOT_SAID: "not said: "}
    return ", ".join(f"{words[heard]}{sign_words(code, signs)}" for code, heard in answers)


# --- limits --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LimitLine:
    """One declared limit: what is looked at, within which span or words, and the sign it becomes."""

    measure: str
    span: str
    gives: str


def limit_lines(rulebook: Rulebook) -> Mapping[str, tuple[LimitLine, ...]]:
    """Every limit by where its number comes from."""
    reading, signs = rulebook.thresholds, rulebook.vocabulary
    told = [
        LimitLine(measure_words(name), f"says “{piece}”", sign_words(code, signs))
        for name, pieces in reading.mentions.items()
        for piece, code in pieces.items()
    ]
    told += [LimitLine(measure_words(name), "is true", sign_words(code, signs)) for name, code in reading.flags.items()]
    told += [
        LimitLine(", ".join(map(measure_words, names)), "none of them is known", sign_words(code, signs))
        for code, names in reading.missing.items()
    ]
    return {
        "what a family says or keys": _limits(rulebook.lexicon.limits, signs),
        "what the record says": (*_limits(reading.limits, signs), *told),
        "what a pump alarm says": _limits(rulebook.alarms.limits, signs),
    }


def _limits(limits: Limits, signs: Signs) -> tuple[LimitLine, ...]:
    return tuple(
        LimitLine(measure_words(name), span_words(limit), sign_words(limit.gives, signs))
        for name, listed in limits.items()
        for limit in listed
    )


def span_words(limit: Limit) -> str:
    low, high = limit.at_least, limit.at_most
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    if low is not None:
        return f"{low:g} or more"
    return f"{high:g} or less" if high is not None else "any number"


def measure_words(name: str) -> str:
    return MEASURES.get(name, plain(name))
