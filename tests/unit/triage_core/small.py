"""A hospital's words in miniature: a few signs, three languages of a few words each, and the rules on them.

Every call builds anew, so that nothing is remembered from one test to the next.
"""

from __future__ import annotations

from oncall.core.triage.lexicon import Lexicon, Tongue
from oncall.core.triage.measurements import Ruler
from oncall.core.triage.phrases import PhraseBook
from oncall.core.triage.thresholds import Limit, Limits
from oncall.core.triage.vocabulary import Sign
from oncall.core.triage.words import Cuts

LIMITS: Limits = {
    "temperature_c": (Limit("fever", at_least=38), Limit("temperature_high", at_least=39)),
    "heart_rate": (Limit("fast_heart", at_least=130),),
}
GROUPS = {
    "withdrawal": "itching stiff fever temperature_high fast_heart usual_seizure body_unexplained",
    "overdose": "floppy seizure sleepy",
    "device": "alarm_heard",
    "flow": "callback_requested",
    "office": "office_billing office_question thanks_only small_talk",
    "well": "doing_well",
    "background": "recent_refill",
    "unread": "unreadable not_understood unknown_language possible_sign reserved_word emoji_only",
}
SIGNS = {
    code: Sign(
        code,
        f"{code}.",
        group,
        danger=code in ("floppy", "seizure"),
        lingers=code == "sleepy",
        everyday="usual_seizure" if code == "seizure" else None,
        emergency_word=code == "seizure",
    )
    for group, codes in GROUPS.items()
    for code in codes.split()
} | {
    code: Sign(code, f"{code}.", "unread")
    for code in ("empty_message", "language_raises_only", "emergency_word_mentioned", "body_unexplained_twice")
}
FAMILIES = {"cannot": ("cant", "cannot")}
BESIDE = frozenset({"~now", "~present", "~bodily", "~unable"})
ENGLISH = {
    "itching": "itch*",
    "stiff": "stiff; legs ?are tight",
    "fever": "fever; hot",
    "floppy": "floppy",
    "seizure": "seizure",
    "sleepy": "<cannot> ... wake",
    "alarm_heard": "beep*",
    "office_billing": "bill",
    "office_question": "question",
    "thanks_only": "thanks",
    "small_talk": "lol",
    "recent_refill": "refilled",
    "possible_sign": "gibberish",
    "callback_requested": "call me",
    "doing_well": "fine",
    "~deny": "no; not",
    "~answer": "no; nope",
    "~over": "went away",
    "~recent": "this morning",
    "~past": "last year",
    "~now": "now",
    "~present": "has",
    "~again": "again",
    "~imagined": "what if; should i",
    "~if": "if",
    "~usual": "usual",
    "~change": "worse; suddenly",
    "~other": "brother",
    "~pet": "dog",
    "~patient": "he; she; son",
    "~subject": "he; she; they",
    "~or": "or",
    "~unsure": "maybe",
    "~doubt": "odd",
    "~bodily": "arm; heel; back; leg",
    "~unable": "cant",
    "~nothing": "stiff drink; arm chair",
}
SPANISH = {
    "itching": "comezon",
    "fever": "fiebre",
    "stiff": "tieso",
    "~deny": "no",
    "doing_well": "bien",
}
PORTUGUESE = {"fever": "febre", "floppy": "mole", "~deny": "nao; no", "~change": "pior"}


def tongue(
    code: str, phrases: dict[str, str], fillers: str, everyday: str, plain: str = "", letters: str = ""
) -> Tongue:
    """One language, mended to the plain words of its signs."""
    book = PhraseBook(frozenset(fillers.split()), BESIDE)
    mendable: dict[str, None] = {}
    for sign, listed in phrases.items():
        for phrase in listed.split(";"):
            book.add(sign, phrase, FAMILIES)
            if not sign.startswith("~"):
                mendable |= dict.fromkeys(word.strip("*?") for word in phrase.split() if word.strip("*?").isalpha())
    book.close(frozenset(everyday.split()))
    return Tongue(code, book, frozenset(everyday.split()), tuple(mendable), frozenset(plain.split()), letters)


def lexicon() -> Lexicon:
    return Lexicon(
        tongues={
            "pt": tongue("pt", PORTUGUESE, "o a", "ele o esta muito hoje dia", letters="ã"),
            "en": tongue("en", ENGLISH, "a the is are his so", "he she the is his and so of was", "stuff"),
            "es": tongue("es", SPANISH, "el la muy", "el la tiene esta muy y", letters="ñ¿"),
        },
        cuts=Cuts(frozenset({"but"}), frozenset({"and", "y"}), frozenset({"his", "she"})),
        spellings={"alot": ("a", "lot")},
        ruler=Ruler({"temp": "temperature_c", "pulse": "heart_rate", "lbs": "other"}),
        limits=LIMITS,
    )
