"""Entries to JSON and back: versions, unknown kinds, and the shapes that have bitten others.

Every kind with random contents stands in property/test_entry_laws. Deliberately not here: storage.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from oncall.core.as_json import from_json, plain, read, to_json
from oncall.core.case import entries as e
from oncall.core.case.case import Page
from oncall.core.case.codec import KINDS, UPCASTERS, VERSIONS, UnknownEntry, decode, encode
from oncall.core.case.escalation import EscalationTable
from oncall.core.case.messages import Progress
from oncall.core.reports import Finding, Heard
from oncall.core.triage.assessment import Urgency
from tests.support.builders import THREE_AM, handbook


def test_every_kind_of_entry_has_a_version_and_upcasters_for_all_before_it() -> None:
    assert set(VERSIONS) == set(KINDS)
    for kind, version in VERSIONS.items():
        assert all((kind, old) in UPCASTERS for old in range(1, version))


def test_a_kind_or_version_of_a_newer_release_is_refused_not_guessed() -> None:
    with pytest.raises(UnknownEntry):
        decode("TeleportedHome", 1, "{}")
    with pytest.raises(UnknownEntry):
        decode("Noticed", VERSIONS["Noticed"] + 1, '{"what": "x"}')


def test_an_instant_keeps_its_microseconds_and_its_zone() -> None:
    at = datetime(2026, 11, 25, 8, 4, 5, 678901, tzinfo=UTC)
    entry = e.Promised("a doctor calls", at)
    assert decode(*encode(entry)) == entry
    assert decode(*encode(entry)).by.utcoffset() == timedelta(0)


def test_urgency_and_progress_come_back_as_themselves_not_as_numbers() -> None:
    pace = decode(*encode(e.PaceSet(Urgency.EMERGENCY, "x")))
    assert pace.pace is Urgency.EMERGENCY
    assert decode(*encode(e.MessageProgressed("m", Progress.RINGING))).progress is Progress.RINGING


def test_the_pinned_table_comes_back_whole() -> None:
    table = handbook().table
    assert from_json(EscalationTable, to_json(table)) == table
    assert read(EscalationTable, plain(table)) == table


def test_a_field_that_a_later_release_added_is_left_out_by_this_one() -> None:
    kind, version, body = encode(e.Noticed("x"))
    assert decode(kind, version, json.dumps({**json.loads(body), "mood": "calm"})) == e.Noticed("x")


@pytest.mark.parametrize("words", ["", "ñandú 🫁", "\x00", "a\u2028b", '"quoted" \\ /', "\ufeff", "عربي"])
def test_any_words_of_a_family_survive(words: str) -> None:
    entry = e.FindingsDrawn("r1", (Finding("itching", Heard.NOT_SURE, words),))
    kind, version, body = encode(entry)
    assert decode(kind, version, body.encode().decode()) == entry


def test_half_a_character_does_not_stop_an_entry_from_being_stored() -> None:
    """JSON may carry a lone surrogate in a caller's note; the page must go out all the same (law 1)."""
    kind, version, body = encode(e.FindingsDrawn("r1", (Finding("itching", Heard.PRESENT, "half \ud83d"),)))
    body.encode("utf-8")
    assert decode(kind, version, body).findings[0].code == "itching"


def test_a_page_keeps_what_was_decided_about_it() -> None:
    page = Page("c1-5-ana", "ana", "pump-team/primary", 2, THREE_AM, "why", None, "t" * 22, True, True, False)
    assert decode(*encode(e.PageOrdered(page))) == e.PageOrdered(page)
