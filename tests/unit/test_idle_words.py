"""Idle words: read to the last one, no sign and no doubt in them. Of a marked number they wake nobody, so few are."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.core.triage.rulebook import draw_from_words
from tests.examples.shipped_rules import shipped
from tests.examples.test_dangerous_sentences import EMERGENCIES, URGENT
from tests.examples.test_vignettes import vignettes

IDLE = ("hello", "who are you", "wrong number", "stop texting me", "hey mike are you coming tonight", "quien eres tu")
OPENS_A_THREAD = {"hi"}  # families greet first; what they then say is read too


@pytest.mark.parametrize("words", IDLE)
def test_plain_talk_is_idle(words: str) -> None:
    assert draw_from_words([words], shipped()).idle


def test_no_message_of_a_vignette_that_must_page_by_its_words_alone_is_idle() -> None:
    told = [one for one in vignettes() if one["expected_min_urgency"] != "routine" and len(one["messages"]) == 1]
    words = {message for one in told for message in one["messages"] if isinstance(message, str)}
    assert len(words) > 700
    assert {message for message in words if draw_from_words([message], shipped()).idle} == OPENS_A_THREAD


@given(st.sampled_from(IDLE), st.sampled_from((*EMERGENCIES, *URGENT)), st.booleans())
def test_idle_words_beside_a_sign_are_not_idle(idle: str, sign: str, before: bool) -> None:
    said = f"{idle}. {sign}" if before else f"{sign}. {idle}"
    assert not draw_from_words([said], shipped()).idle


def test_without_the_lists_of_our_words_nothing_is_idle() -> None:
    """An edition from before them."""
    book = shipped()
    tongues = {code: replace(tongue, ours=frozenset()) for code, tongue in book.lexicon.tongues.items()}
    older = replace(book, lexicon=replace(book.lexicon, tongues=tongues))
    assert not any(draw_from_words([words], older).idle for words in IDLE)
