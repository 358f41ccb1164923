"""Entries to JSON and back: versions, unknown kinds, and the shapes that have bitten others.

Every kind with random contents stands in property/test_entry_laws. Deliberately not here: storage.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from oncall.adapters.journal.shelf import GENESIS, entry_hash
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


@pytest.mark.parametrize(
    "value",
    [
        *(0.1, 5e-05, 1e16, 1e22, 2.0, -0.0, float("inf"), float("nan")),
        *(None, True, False, 0, -7, 2**70, "", "\x00\x1f\x7f\u2028\\/", "ñandú 🫁", Urgency.URGENT, Heard.NOT_SURE),
        *(timedelta(microseconds=1), timedelta(days=900), time(7, 30), THREE_AM, THREE_AM.replace(microsecond=1)),
        *((), (1, (None,)), [True, "a"], {"b": 1, "a": (0.5,)}, {1: "x"}, Finding("itching", Heard.DENIED, "%s %(a)s")),
        handbook().table,
    ],
    ids=repr,
)
def test_a_value_is_told_as_json_tells_what_is_plain_of_it(value: object) -> None:
    """Byte for byte: the hashes of a journal stand on the text."""
    assert to_json(value) == json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))


def test_a_table_that_comes_again_is_told_anew_only_when_it_is_another() -> None:
    first = handbook().table
    other = replace(first, pilot=True)
    assert [json.loads(to_json(table))["pilot"] for table in (first, first, other, first)] == [
        False,
        False,
        True,
        False,
    ]


def test_a_hash_is_of_what_json_makes_of_its_parts() -> None:
    """As every release has written it; the parts are put together by hand."""
    parts = [GENESIS, 'c"1', 7, THREE_AM.isoformat(), "Noticed", 1, '{"what":"ñ \\ \ud83d"}']
    told = json.dumps(parts, ensure_ascii=False).encode("utf-8", "surrogatepass")
    digest = entry_hash(GENESIS, 'c"1', 7, THREE_AM, "Noticed", 1, '{"what":"ñ \\ \ud83d"}')
    assert digest == hashlib.sha256(told).hexdigest()


def test_a_page_keeps_what_was_decided_about_it() -> None:
    page = Page("c1-5-ana", "ana", "pump-team/primary", 2, THREE_AM, "why", None, "t" * 22, True, True, False)
    assert decode(*encode(e.PageOrdered(page))) == e.PageOrdered(page)
