"""The rulebook: everything clinical that is declared, compiled and frozen, and the doors through which it is asked.

A report comes in as words, alarm fields, record fields or keys and leaves as findings; `triage.assess` does the
rest. Doubt is made visible here: an empty text, a language nobody here reads, a message of which too little was
understood are findings of their own, so that a rule can page a person (law 1). Deliberately not here: how the files
look (`adapters/handbook/rules_files`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from oncall.core.reports import Finding, Heard
from oncall.core.triage.alarms import AlarmTables, findings_from_alarm
from oncall.core.triage.assessment import Ruleset, counted, merge
from oncall.core.triage.chapters import Chapter
from oncall.core.triage.context import Reading, findings_from_context
from oncall.core.triage.hearing import Manner
from oncall.core.triage.key_prompts import KeyMeanings, findings_from_key, read_line
from oncall.core.triage.lexicon import Lexicon, Understood, understand
from oncall.core.triage.questions import Question, findings_from_answer
from oncall.core.triage.safety import Directions, RedFlag
from oncall.core.triage.vocabulary import ABSENT_GROUPS, BACKGROUND_GROUPS, Sign, is_device
from oncall.core.triage.words import fold, is_only_pictures

_HEARD = {
    Manner.ASSERTED: Heard.PRESENT,
    Manner.UNSURE: Heard.NOT_SURE,
    Manner.DENIED: Heard.DENIED,
    Manner.ELSEWHERE: Heard.NOT_SAID,
    Manner.USUAL: Heard.PRESENT,
}
_REPLY_LANGUAGES = ("en", "es")  # what is read well enough to be called understood (RULINGS 5)
_ENOUGH_KNOWN = 0.5
_READ_AT_MOST = 20_000  # letters
_OUR_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzáàâãäéèêëíìîïóòôõöúùûüñçºª")  # of the languages that are read
_FOREIGN_LETTERS = 4  # one name with an accent of its own is no foreign message
_ERRANDS = frozenset(f"office_{kind}" for kind in ("appointment", "billing", "records", "contact", "supplies"))
NOT_UNDERSTOOD = "not_understood"
_IDLE = frozenset({"thanks_only", "small_talk", "doing_well", "office_question"})  # say little about the rest


@dataclass(frozen=True, slots=True)
class Rulebook:
    """One edition of everything clinical."""

    vocabulary: Mapping[str, Sign]
    lexicon: Lexicon
    rules: Ruleset
    questions: tuple[Question, ...]
    alarms: AlarmTables
    thresholds: Reading
    keys: KeyMeanings
    reserved_words: frozenset[str]
    edition: str
    signed: bool
    chapters: tuple[Chapter, ...] = ()
    red_flags: tuple[RedFlag, ...] = ()  # none in an edition older than them; it is loaded, and not proved
    worse: Directions = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn from one report. `administrative`: an office matter and nothing else (RULINGS 3). `idle`: read
    to the last word, and neither a sign nor a doubt in it: only for a number that a person has marked this counts."""

    findings: tuple[Finding, ...]
    language: str
    administrative: bool
    idle: bool = False


def draw_from_words(messages: Sequence[str], rulebook: Rulebook, language_hint: str | None = None) -> Drawn:
    """The findings in what a family wrote or said; several messages are one thread."""
    spoken = [message for message in messages if message.strip()]
    if not spoken:
        return Drawn((Finding("empty_message", Heard.PRESENT, ""),), language_hint or "en", False)
    text = "\n".join(spoken)
    understood = understand(_readable(text), rulebook.lexicon, rulebook.vocabulary)
    findings = [*_shapes(spoken, rulebook), *_findings(understood, rulebook)]
    if len(text) > _READ_AT_MOST:
        findings.append(
            Finding(NOT_UNDERSTOOD, Heard.PRESENT, f"only the beginning and the end of {len(text)} letters")
        )
    findings += [
        *_doubts(findings, understood, spoken),
        *_hidden(findings, understood, rulebook),
        *_beside(findings, understood, rulebook),
    ]
    merged = merge(_with_the_errand(findings, rulebook))
    language = _language(understood, language_hint)
    idle = len(text) <= _READ_AT_MOST and _is_idle(merged, understood, rulebook)
    return Drawn(merged, language, _is_administrative(merged, rulebook), idle)


def _readable(text: str) -> str:
    """The beginning and the end of a text that is longer than any family's; reading it all would hold up the others."""
    half = _READ_AT_MOST // 2
    return text if len(text) <= _READ_AT_MOST else f"{text[:half]}\n{text[-half:]}"


def _shapes(spoken: Sequence[str], rulebook: Rulebook) -> Iterable[Finding]:
    """What can be said of a text before reading it."""
    if all(is_only_pictures(message) for message in spoken):
        yield Finding("emoji_only", Heard.PRESENT, " ".join(spoken))
    for message in spoken:
        bare = fold(message.strip(" .!?\n\t"))
        if bare in rulebook.reserved_words:
            yield Finding("reserved_word", Heard.PRESENT, message)


def _findings(understood: Understood, rulebook: Rulebook) -> Iterable[Finding]:
    for said in understood.utterances:
        sign = rulebook.vocabulary[said.code]
        code = sign.everyday if said.manner is Manner.USUAL and sign.everyday else said.code
        yield Finding(code, _HEARD[said.manner], said.quote)
        if sign.emergency_word and said.manner is Manner.ELSEWHERE:
            yield Finding("emergency_word_mentioned", Heard.PRESENT, said.quote)


def _doubts(findings: Sequence[Finding], understood: Understood, spoken: Sequence[str]) -> Iterable[Finding]:
    """What was not understood, said as a finding."""
    whole = " / ".join(spoken)
    if _is_foreign(whole):
        yield Finding("unknown_language", Heard.PRESENT, whole)
    elif understood.language == "und" and understood.known_share < _ENOUGH_KNOWN:
        strange = any(letter.isalpha() and not letter.isascii() for letter in whole)
        yield Finding("unknown_language" if strange else "unreadable", Heard.PRESENT, whole)
    elif understood.language not in (*_REPLY_LANGUAGES, "und"):
        yield Finding("language_raises_only", Heard.PRESENT, understood.language)
    elif understood.known_share < _ENOUGH_KNOWN:
        yield Finding("unreadable", Heard.PRESENT, whole)
    if not findings:
        yield Finding(NOT_UNDERSTOOD, Heard.PRESENT, whole)
    elif not any(finding.heard.counts for finding in findings):
        told = any(finding.heard is Heard.NOT_SAID for finding in findings)  # a story or a question has other clauses
        doubtful = understood.doubtful if told else (*understood.doubtful, *understood.unexplained)
        yield from (Finding(NOT_UNDERSTOOD, Heard.PRESENT, words) for words in doubtful[:1])


def _is_foreign(text: str) -> bool:
    """Letters that none of our languages writes: one word of it that looks like ours must not speak for the rest."""
    if text.isascii():
        return False
    foreign = sum(letter.isalpha() and letter not in _OUR_LETTERS for letter in text.casefold())
    return foreign >= _FOREIGN_LETTERS


def _hidden(findings: Sequence[Finding], understood: Understood, rulebook: Rulebook) -> Iterable[Finding]:
    """An office matter beside words that may hide a sign is no office matter (RULINGS 3: any doubt pages)."""
    groups = {rulebook.vocabulary[code].group for code in counted(findings)}
    if "office" not in groups or not groups <= {*ABSENT_GROUPS, *BACKGROUND_GROUPS}:
        return
    idle = counted(findings) <= _IDLE or understood.language == "und"
    hidden = (*understood.doubtful, *(understood.unexplained if idle else ()))
    yield from (Finding("possible_sign", Heard.PRESENT, words) for words in hidden[:1])


def _with_the_errand(findings: Sequence[Finding], rulebook: Rulebook) -> Iterable[Finding]:
    """ "Please call me about the bill" asks for the office: the wish to be called belongs to the errand."""
    others = counted(findings) - {"callback_requested"}
    quiet = {rulebook.vocabulary[code].group for code in others} <= {*ABSENT_GROUPS, *BACKGROUND_GROUPS}
    if not quiet or others.isdisjoint(_ERRANDS):
        return findings
    return [replace(f, heard=Heard.NOT_SAID) if f.code == "callback_requested" else f for f in findings]


def _beside(findings: Sequence[Finding], understood: Understood, rulebook: Rulebook) -> Iterable[Finding]:
    """Unexplained words about the body: they weigh beside a sign or a risk, and a change of it beside "all well"."""
    groups = {rulebook.vocabulary[code].group for code in counted(findings)}
    quiet = groups <= {*ABSENT_GROUPS, *BACKGROUND_GROUPS} and not groups.isdisjoint(ABSENT_GROUPS)
    said = () if "office" in groups and quiet else understood.altered if quiet else understood.bodily
    yield from (Finding("body_unexplained", Heard.PRESENT, words) for words in said[:1])
    if said and understood.manifold:
        yield Finding("body_unexplained_twice", Heard.PRESENT, " / ".join(said))


def _language(understood: Understood, hint: str | None) -> str:
    return understood.language if understood.language != "und" else (hint or "en")


def _is_administrative(findings: Iterable[Finding], rulebook: Rulebook) -> bool:
    signs = [rulebook.vocabulary[code] for code in counted(findings) if code in rulebook.vocabulary]
    return any(sign.group == "office" for sign in signs) and all(sign.group in ABSENT_GROUPS for sign in signs)


def _is_idle(findings: Iterable[Finding], understood: Understood, rulebook: Rulebook) -> bool:
    """A word for the office, or plain talk of which every word is known; and nothing in it may be about a patient."""
    signs = rulebook.vocabulary
    others = [f for f in findings if f.code not in signs or signs[f.code].group != "office"]
    if understood.ours or any(finding.code != NOT_UNDERSTOOD for finding in others):
        return False
    return not others or (understood.language in _REPLY_LANGUAGES and understood.known_share == 1.0)


def draw_from_keys(lines: Sequence[str], rulebook: Rulebook) -> Drawn:
    """The findings in recorded `PROMPT: ... | KEY: ...` lines; a line of another form is read as words."""
    findings: list[Finding] = []
    for line in lines:
        pressed = read_line(line)
        if pressed is None:
            findings.extend(draw_from_words([line], rulebook).findings)
        else:
            limits = rulebook.lexicon.limits
            findings.extend(findings_from_key(pressed, lambda text: _asked_in(text, rulebook), rulebook.keys, limits))
    prompts = [pressed.prompt for pressed in map(read_line, lines) if pressed]
    language = understand("\n".join(prompts), rulebook.lexicon, rulebook.vocabulary).language
    merged = merge(findings) or (Finding("caller_silent", Heard.PRESENT, "no key with a meaning"),)
    return Drawn(merged, language if language != "und" else "en", False)


def _asked_in(prompt: str, rulebook: Rulebook) -> tuple[str, ...]:
    """The signs a prompt or a menu label names; an office word in it is no sign."""
    signs = rulebook.vocabulary
    return tuple(code for code in rulebook.lexicon.named_in(prompt) if signs[code].group not in ABSENT_GROUPS)


def draw_from_alarm(fields: Mapping[str, object], rulebook: Rulebook) -> Drawn:
    """The findings of one pump alarm, with those of the caller's note and of any raw text."""
    findings = list(findings_from_alarm(fields, rulebook.alarms))
    texts = [str(value) for name, value in fields.items() if value and _is_words(name, value, rulebook)]
    language = "en"
    if texts:
        drawn = draw_from_words(texts, rulebook)
        findings.extend(finding for finding in drawn.findings if _adds(finding, rulebook))
        language = drawn.language
    merged = merge(findings)
    return Drawn(merged, language, _is_administrative(merged, rulebook))


def _is_words(name: str, value: object, rulebook: Rulebook) -> bool:
    """A field for words, or several words in a field that nobody here knows: what they say is worth reading."""
    if name in rulebook.alarms.free_text:
        return True
    return isinstance(value, str) and name not in rulebook.alarms.known_fields and len(value.split()) > 2


def _adds(finding: Finding, rulebook: Rulebook) -> bool:
    """A note beside a readable alarm need not be understood itself; a sign in it counts, an office word does not."""
    return rulebook.vocabulary[finding.code].group not in (*ABSENT_GROUPS, "unread")


def draw_from_context(context: Mapping[str, object], rulebook: Rulebook) -> tuple[Finding, ...]:
    """The findings that the record gives; none of them lowers anything."""
    return merge(findings_from_context(context, rulebook.thresholds))


def draw_from_answer(question_code: str, digits: str, rulebook: Rulebook) -> tuple[Finding, ...]:
    """The findings of one keyed answer; an unknown question is a person's."""
    question = next((question for question in rulebook.questions if question.code == question_code), None)
    if question is None:
        return (Finding("unreadable", Heard.PRESENT, f"{question_code}: {digits}"),)
    return findings_from_answer(question, digits, rulebook.lexicon.limits)


def is_danger(finding: Finding, rulebook: Rulebook) -> bool:
    """Whether this finding, new on a held case, rings its holder (RULINGS 4); an unknown code does."""
    sign = rulebook.vocabulary.get(finding.code)
    return finding.heard.counts and (sign is None or sign.danger)


def involves_device(findings: Iterable[Finding]) -> bool:
    """Whether any sound, alarm or device state is among them (RULINGS 2, night rule)."""
    return any(is_device(code) for code in counted(findings))
