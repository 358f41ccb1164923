"""Each error number of the carrier leads where its row says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from oncall.core.case.messages import Channel, Purpose, Verdict
from oncall.core.case.refusals import REFUSALS, Fault, Mark, Refusal, Told, refusal_of
from tests.support.builders import PRESSING, Night

NOW, GOOD = Verdict.REFUSED_FOR_NOW, Verdict.REFUSED_FOR_GOOD
PHONE, ACCOUNT, CARRIER = Fault.PHONE, Fault.ACCOUNT, Fault.CARRIER
WANTED = [
    (21610, GOOD, PHONE, Mark.OPTED_OUT, Told.COORDINATOR),
    (21614, GOOD, PHONE, Mark.LANDLINE, Told.COORDINATOR),
    (21211, GOOD, PHONE, Mark.UNKNOWN, Told.COORDINATOR),
    (21408, GOOD, ACCOUNT, None, Told.KEEPER),
    (21215, GOOD, ACCOUNT, None, Told.KEEPER),
    (30001, NOW, CARRIER, None, Told.KEEPER),
    (30002, GOOD, ACCOUNT, None, Told.KEEPER),
    (30003, GOOD, PHONE, None, None),
    (30004, GOOD, PHONE, None, Told.COORDINATOR),
    (30005, GOOD, PHONE, Mark.UNKNOWN, Told.COORDINATOR),
    (30006, GOOD, PHONE, Mark.LANDLINE, Told.COORDINATOR),
    (30007, GOOD, ACCOUNT, None, Told.KEEPER),
    (30008, GOOD, CARRIER, None, None),
    (30034, GOOD, ACCOUNT, None, Told.KEEPER),
    (20003, NOW, ACCOUNT, None, Told.KEEPER),
    (20429, NOW, CARRIER, None, None),
]


@pytest.mark.parametrize(("code", "verdict", "fault", "mark", "told"), WANTED)
def test_a_number_means_what_its_row_says(
    code: int, verdict: Verdict, fault: Fault, mark: Mark | None, told: Told | None
) -> None:
    row = refusal_of(code, 400)
    assert (row.verdict, row.fault, row.mark, row.told) == (verdict, fault, mark, told)


@pytest.mark.parametrize("row", REFUSALS.values(), ids=lambda row: str(row.code))
def test_every_row_has_a_sentence_that_names_nobody(row: Refusal) -> None:
    assert row.sentence == row.sentence.strip(".").strip()
    assert len(row.sentence.split()) > 2


@pytest.mark.parametrize(
    ("status", "verdict", "fault"),
    [(401, NOW, ACCOUNT), (403, NOW, ACCOUNT), (429, NOW, CARRIER), (500, NOW, CARRIER), (503, NOW, CARRIER)],
)
def test_a_number_that_is_not_in_the_table_goes_by_its_status(status: int, verdict: Verdict, fault: Fault) -> None:
    row = refusal_of(77777, status)
    assert (row.verdict, row.fault) == (verdict, fault)


def test_an_unknown_refusal_is_for_good_and_the_keeper_hears_of_it() -> None:
    row = refusal_of(77777, 400)
    assert (row.verdict, row.told) == (GOOD, Told.KEEPER)


@pytest.mark.parametrize("row", [r for r in REFUSALS.values() if r.verdict is GOOD], ids=lambda row: str(row.code))
def test_whatever_refuses_a_page_text_for_good_brings_the_call_at_once(row: Refusal) -> None:
    night = Night()
    night.texts(PRESSING)  # its call would come a minute later
    text = night.messages(Purpose.PAGE, Channel.SMS, "ana")[0].message.id
    night.attempts(text)
    done = night.outcome(text, row.verdict, code=row.code)
    assert [(m.purpose, m.channel) for m in done.owed] == [(Purpose.PAGE, Channel.VOICE)]


@pytest.mark.parametrize("row", [r for r in REFUSALS.values() if r.verdict is NOW], ids=lambda row: str(row.code))
def test_whatever_refuses_for_now_is_tried_again_in_seconds(row: Refusal) -> None:
    night = Night()
    night.texts(PRESSING)
    text = night.messages(Purpose.PAGE, Channel.SMS, "ana")[0].message.id
    night.attempts(text)
    night.outcome(text, row.verdict, code=row.code)
    state = night.case.message(text)
    assert state is not None
    assert state.is_owed
    assert state.not_before == night.at + timedelta(seconds=5)
