"""Where a sign comes from and how a family is asked for it, as `findings.yaml` says.

A clinician who signs the vocabulary must see for every sign who found it and which words bring it up; a sign without
either is a fault. Only `oncall check` looks for these faults, so that an edition published before they were asked for
is still loaded. Deliberately not here: whether a rule acts on the sign (`rules_parts`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from oncall.adapters.handbook.reading import Fault, Sheet
from oncall.adapters.handbook.rules_shapes import FindingsShape, QuestionShape, QuestionsShape, SignShape
from oncall.core.triage.vocabulary import Asking

NOT_ASKED = {
    "record": "stands in the patient's record",
    "log": "only reading the pump shows it",
    "said": "comes from the caller's own words or keys, or from the line itself",
    "office": "an office matter",
}
ONLY_FOR = {
    "record": frozenset({"background", "device"}),
    "log": frozenset({"device", "office", "unread"}),
    "office": frozenset({"office", "well"}),
}
LANGUAGES = ("en", "es")
MOST_LETTERS = 160  # one English text
MOST_WORDS = 20  # eight seconds at 150 words a minute (RULINGS 5)
_SOURCE = re.compile(r"S\d+[a-z]?|lexicon [A-G]\d*|local ruling|K|J( [a-z -]+)?")
_SOURCES = "sources such as S12, lexicon B1, local ruling, K (knowledge) or J (judgement)"
_WAYS = f"a question's code, own words in en and es, or one of {', '.join(NOT_ASKED)}"

Wrong = tuple[str, str, str]  # the key under the sign, what was found, what was wanted


def asking_of(sign: SignShape, findings: FindingsShape, questions: QuestionsShape) -> Asking:
    """The words that bring this sign up: its own, or those of its question."""
    if not isinstance(sign.asked, str):
        answers = findings.answers
        return Asking(text=_ended(sign.asked, answers.text), spoken=_ended(sign.asked, answers.spoken))
    question = _question(sign.asked, questions)
    if question is None:
        return Asking(not_asked=NOT_ASKED.get(sign.asked, ""))
    return Asking(question.code, question.text, question.spoken)


def _ended(sentences: Mapping[str, str], answers: Mapping[str, str]) -> dict[str, str]:
    return {language: f"{said} {answers.get(language, '')}".strip() for language, said in sentences.items()}


def _question(code: str, questions: QuestionsShape) -> QuestionShape | None:
    return next((question for question in questions.questions if question.code == code), None)


def numbers_of(question: QuestionShape, findings: FindingsShape) -> tuple[str, ...]:
    """What a number keyed in place of a digit may give."""
    return tuple(limit.gives for limit in findings.measured.get(question.number or "", ()))


def brought_up_by(question: QuestionShape, findings: FindingsShape, questions: QuestionsShape) -> frozenset[str]:
    """The signs that a yes may mean: those of its keys, what these stand for, and what a number gives."""
    keyed = {code for answer in question.keys.values() for code in (*answer.present, *answer.not_sure)}
    unions = (union.of for union in questions.anybodys_menu.unions if union.code in keyed)
    return frozenset(keyed).union(numbers_of(question, findings), *unions)


def asking_faults(findings: tuple[Sheet, FindingsShape], questions: tuple[Sheet, QuestionsShape]) -> Iterable[Fault]:
    """Signs without a source or a way of asking, and questions too long for a phone."""
    sheet, shape = findings
    for code, sign in shape.findings.items():
        for key, found, wanted in (*_source_faults(sign), *_way_faults(code, sign, shape, questions[1])):
            yield sheet.fault(("findings", code, key), found, wanted)
    for place, question in enumerate(questions[1].questions):
        for key, found, wanted in _length_faults(question.text, question.spoken):
            yield questions[0].fault(("questions", place, key), found, wanted)


def _source_faults(sign: SignShape) -> Iterator[Wrong]:
    pieces = [piece.strip() for piece in re.split(r"[,;]", sign.source)]
    unknown = [piece for piece in pieces if not _SOURCE.fullmatch(piece)]
    if unknown:
        yield "source", unknown[0] or "no source", _SOURCES


def _way_faults(code: str, sign: SignShape, findings: FindingsShape, questions: QuestionsShape) -> Iterator[Wrong]:
    if not isinstance(sign.asked, str):
        missing = [language for language in LANGUAGES if language not in sign.asked]
        if missing:
            yield "asked", f"no {' and '.join(missing)}" if sign.asked else "no way of asking", _WAYS
        own = asking_of(sign, findings, questions)
        yield from (("asked", found, wanted) for _, found, wanted in _length_faults(own.text, own.spoken))
    elif sign.asked in NOT_ASKED:
        groups = ONLY_FOR.get(sign.asked)
        if groups is not None and sign.group not in groups:
            yield "asked", sign.asked, f"another way; this one is only for {', '.join(sorted(groups))}"
    elif (question := _question(sign.asked, questions)) is None:
        yield "asked", sign.asked, _WAYS
    elif code not in brought_up_by(question, findings, questions):
        yield "asked", sign.asked, "a question that brings this sign up"


def _length_faults(text: Mapping[str, str], spoken: Mapping[str, str]) -> Iterator[Wrong]:
    if len(text.get("en", "")) > MOST_LETTERS:
        yield "text", f"{len(text['en'])} letters in en", f"at most {MOST_LETTERS}"
    for language, said in spoken.items():
        words = len(re.findall(r"[\w:'-]+", said))
        if words > MOST_WORDS:
            yield "spoken", f"{words} words in {language}", f"at most {MOST_WORDS}, eight seconds"
