"""The clock table as the hospital's rulings print it, measured on a night on which nobody answers.

The figures here are those of the document, written once more by hand: a change of rules/escalation.yaml that nobody
wrote down there is red. Each tier has one telephone that rings and is not answered, so that a ring is a ring.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from oncall.core.case import entries as e
from oncall.core.case.messages import Channel, Purpose
from oncall.core.triage.assessment import Urgency
from tests.support.ward import TEN_AM, THREE_AM, Ward, open_ward, span

DEADLY, PLAIN, MILD = "i cant wake her up", "shes just not right", "he is constipated since monday"


@dataclass(frozen=True)
class Column:
    """One column of the table: offsets from the first page. None: the table has a dash."""

    words: str
    pace: Urgency
    voice: str
    again: str | None
    tiers: dict[str, str]
    inform: str | None
    promise: str
    next_round: str | None
    reach: str


TABLE = [
    Column(
        DEADLY,
        Urgency.EMERGENCY,
        voice="0s",
        again="90s",
        tiers={"pump-team/primary": "0s", "pump-team/attending": "3m", "service": "6m", "everyone": "8m"},
        inform="8m",
        promise="10m",
        next_round="12m",
        reach="5m",
    ),
    Column(
        PLAIN,
        Urgency.URGENT,
        voice="60s",
        again="3m",
        tiers={"pump-team/primary": "0s", "pump-team/attending": "5m", "service": "9m", "everyone": "12m"},
        inform="12m",
        promise="15m",
        next_round="18m",
        reach="10m",
    ),
]


@pytest.mark.parametrize("column", TABLE, ids=lambda column: column.pace.word)
async def test_the_clocks_of_the_table_are_the_clocks_of_the_night(column: Column) -> None:
    async with open_ward(THREE_AM) as ward:
        first = await night_without_answers(ward, column.words, "40m")
        case = await ward.only_case()
        assert case.pace is column.pace
        recorded = await ward.house.journal.entries(case.id)

        def when(kind: type, wanted: object = lambda entry: True) -> list[timedelta]:
            return [r.at - first for r in recorded if isinstance(r.entry, kind) and wanted(r.entry)]  # type: ignore[operator]

        for tier, offset in column.tiers.items():
            assert when(e.StepReached, lambda entry, tier=tier: tier in entry.tiers)[0] == span(offset), tier
        assert when(e.PromiseMissed)[0] == span(column.promise)
        assert when(e.RoundStarted)[:2] == [timedelta(0), span(column.next_round or "0s")]
        informs = when(e.MessageOwed, lambda entry: entry.message.purpose is Purpose.INFORM)
        assert informs[0] == span(column.inform or "0s")
        assert when(e.MessageOwed, texts_to("ana"))[0] == timedelta(0)
        rings = when(e.MessageOwed, rings_at("ana"))
        assert rings[0] == span(column.voice)
        assert rings[2] - rings[0] == span(column.again or "0s"), "two numbers in turn, then again by the clock"


async def night_without_answers(ward: Ward, words: str, long: str) -> object:
    mum = ward.phone("mum of Leo")
    await mum.texts(words)
    first = ward.clock.now()
    await ward.pass_time(long)
    return first


def texts_to(person: str) -> object:
    return lambda entry: _is_page(entry, person, Channel.SMS)


def rings_at(person: str) -> object:
    return lambda entry: _is_page(entry, person, Channel.VOICE)


def _is_page(entry: e.MessageOwed, person: str, channel: Channel) -> bool:
    message = entry.message
    return message.purpose is Purpose.PAGE and message.person == person and message.channel is channel


@pytest.mark.parametrize("column", TABLE, ids=lambda column: column.pace.word)
async def test_after_taking_the_family_is_to_be_reached_within_the_time_of_the_table(column: Column) -> None:
    async with open_ward(THREE_AM) as ward:
        mum, ana, dia = ward.phones("mum of Leo", "ana", "dia")
        await mum.texts(column.words)
        await ana.texts(ana.reply_code("2"))
        mum.new_texts()
        await ward.pass_time(column.reach)
        assert any("the call we promised has not come" in text for text in mum.new_texts())
        assert ana.is_ringing
        assert dia.inbox == []
        await ward.pass_time("3m")
        assert dia.inbox, "three minutes later it climbs"


async def test_a_same_day_report_by_day_is_a_text_and_half_an_hour_later_a_call_and_urgent_after_two_hours() -> None:
    async with open_ward(TEN_AM) as ward:
        first = await night_without_answers(ward, MILD, "3h")
        case = await ward.only_case()
        recorded = await ward.house.journal.entries(case.id)
        primary = case.pages[0].person
        paces = [(r.at - first, r.entry.pace) for r in recorded if isinstance(r.entry, e.PaceSet)]  # type: ignore[operator]
        assert paces == [(timedelta(0), Urgency.SAME_DAY), (span("2h"), Urgency.URGENT)]
        calls = [r.at - first for r in recorded if isinstance(r.entry, e.MessageOwed) and rings_at(primary)(r.entry)]  # type: ignore[operator]
        assert calls[0] == span("30m")
        missed = [r.at - first for r in recorded if isinstance(r.entry, e.PromiseMissed)]  # type: ignore[operator]
        assert missed[0] == span("2h15m")


async def test_a_routine_request_wakes_nobody_and_is_a_task_for_noon_of_the_next_working_day() -> None:
    async with open_ward(THREE_AM) as ward:
        mum, ana = ward.phones("mum of Leo", "ana")
        await mum.texts("can we move our appointment to next week please")
        case = await ward.only_case()
        assert case.pace is Urgency.ROUTINE
        assert case.pages == ()
        await ward.pass_time("8h")
        assert ana.inbox == []
