"""A drill rings with a mark, needs a key, says who did not answer, and never stands in the way of a page."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from oncall.adapters.register.rows import PersonPhoneRow
from oncall.adapters.rehearsal.phones import Handset
from oncall.adapters.side_door.handing_in import Declined
from oncall.cli.drill import drill_lines
from oncall.core.case.case import Status
from oncall.errands.door import open_side_door, run_errand
from oncall.service.rota.certificate import certificate_of
from tests.support.ward import Ward, open_ward

ZONE = "America/New_York"
ITCHY = "he is so itchy and stiff, his alarm is beeping"


async def until_rings(ward: Ward, handset: Handset) -> None:
    """At most ten minutes."""
    for _ in range(40):
        if handset.ringing:
            return
        await ward.pass_time("15s")
    raise AssertionError(f"{handset!r} is not rung")


async def rows(ward: Ward) -> dict[str, tuple[str, bool]]:
    return {row.person: (row.answer, row.is_answered) for row in await ward.house.drills.rows("d1")}


async def test_the_chain_rings_everybody_whom_a_page_would_reach_and_nobody_else(ward: Ward) -> None:
    count = await ward.house.drills.begin("d1", None, None, "maria")
    await ward.settle()
    ringing = {who for who in ("ana", "ben", "cho", "dia", "eli", "fay", "gus", "maria") if ward.phone(who).is_ringing}
    assert count == len(ringing)
    assert {"dia", "eli", "fay", "gus"} & ringing
    assert not ward.phone("operator").is_ringing
    assert "maria" not in ringing


async def test_one_rotation_rings_only_its_own(ward: Ward) -> None:
    assert await ward.house.drills.begin("d1", None, "neurosurgery", "maria") == 1
    await ward.settle()
    assert ward.phone("fay").is_ringing
    assert not ward.phone("ana").is_ringing


async def test_a_key_answers_and_silence_is_said_in_the_table(ward: Ward) -> None:
    await ward.house.drills.begin("d1", None, "pump-team", "maria")
    await ward.settle()
    on = [who for who in ("ana", "ben", "cho", "dia", "eli") if ward.phone(who).is_ringing]
    first, *others = on
    await ward.pass_time("4s")
    await ward.phone(first).answers()
    assert "TEST" in ward.phone(first).heard
    await ward.phone(first).presses("1")
    await ward.pass_time("16m")
    found = await rows(ward)
    assert found[first] == ("pressed 1", True)
    assert [found[who] for who in others] == [("NO ANSWER", False)] * len(others)
    [row] = [row for row in await ward.house.drills.rows("d1") if row.person == first]
    assert row.seconds is not None
    assert 4 <= row.seconds <= 10
    assert await ward.open_cases() == []


async def test_the_second_telephone_is_rung_when_the_first_is_not_answered(ward: Ward) -> None:
    ana = ward.phone("ana")
    ana.handsets[0].mode = "voicemail"
    await ward.house.drills.begin("d1", "ana", None, "maria")
    await ward.pass_time("1m")
    assert not ana.handsets[1].ringing
    assert not all(row.is_over for row in await ward.house.drills.rows("d1"))
    await until_rings(ward, ana.handsets[1])
    await ana.handsets[1].answers()
    await ward.pass_time("3s")
    await ana.handsets[1].presses("1")
    await ward.settle()
    first, second = await ward.house.drills.rows("d1")
    assert (first.answer, second.answer) == ("NO ANSWER", "pressed 1")
    assert first.is_over
    assert second.is_over
    await ward.house.register.put([PersonPhoneRow(number="+16175550177", person="ana", position=3)], "import")
    assert all(row.is_over for row in await ward.house.drills.rows("d1")), "a number that comes later is not rung"


async def test_the_second_telephone_answers_for_the_person_on_the_certificate(ward: Ward) -> None:
    ana, house = ward.phone("ana"), ward.house
    ana.handsets[0].mode = "voicemail"
    await house.drills.begin("d1", "ana", None, "maria")
    await house.drills.begin("d2", "fay", None, "maria")
    await until_rings(ward, ana.handsets[1])
    await ana.handsets[1].answers()
    await ward.pass_time("3s")
    await ana.handsets[1].presses("1")
    await ward.pass_time("40m")
    found = await certificate_of(date(2026, 11, 1), house.messenger.notices, await house.register.directory(), ZONE)
    by_person = {line.person: line for line in found.lines}
    assert by_person["ana"].numbers == (f"call •••• {ana.handsets[1].number[-4:]}",)
    assert by_person["ana"].answered_at is not None
    assert [line.person for line in found.missed] == ["fay"]
    assert found.missed[0].outcome == "NO ANSWER"
    other = await certificate_of(date(2026, 12, 1), house.messenger.notices, await house.register.directory(), ZONE)
    assert other.lines == ()


async def test_a_voicemail_does_not_pass_the_drill(ward: Ward) -> None:
    ward.phone("ana").is_set("voicemail")
    await ward.house.drills.begin("d1", "ana", None, "maria")
    await ward.pass_time("16m")
    assert await rows(ward) == {"ana": ("NO ANSWER", False)}


async def test_an_emergency_in_the_middle_stops_the_ring_and_the_page_is_taken(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await ward.house.drills.begin("d1", "ana", None, "maria")
    await ward.settle()
    assert ana.is_ringing
    await mum.texts(ITCHY)
    await ana.takes_by_voice()
    assert (await ward.only_case()).status is Status.HELD
    assert "TEST" not in ana.heard
    await ward.pass_time("15m")
    assert (await rows(ward))["ana"][1] is False


async def test_a_drill_in_an_emergency_of_its_recipient_is_not_rung_and_says_so(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts(ITCHY)
    await ana.texts(ana.reply_code("2"))
    await ward.house.drills.begin("d1", "ana", None, "maria")
    await ward.pass_time("16m")
    assert await rows(ward) == {"ana": ("NOT RUNG: pages went first", False)}


async def test_a_drill_by_the_calendar_rings_on_tuesday_at_ten_once_and_tells_who_missed_it() -> None:
    tuesday = datetime(2026, 12, 1, 14, 58, tzinfo=UTC)
    async with open_ward(tuesday, staff_rounds=True, drill="monthly") as ward:
        await ward.pass_time("4m")
        assert ward.phone("fay").is_ringing or ward.phone("fay").missed
        await ward.pass_time("56m")
        assert [handset.inbox for handset in ward.phone("fay").handsets] == [[], []]
        assert ward.phone("fay").missed == 4, "twice on each telephone"
        missed = [text for text in ward.phone("maria").inbox if "did not answer today's test call" in text]
        assert "Dr Okafor did not answer today's test call. Please find out why." in missed
        assert len(missed) == 5


async def test_without_the_setting_and_on_other_days_nobody_is_rung() -> None:
    second_tuesday = datetime(2026, 12, 8, 14, 58, tzinfo=UTC)
    for rhythm in (None, "monthly"):
        async with open_ward(second_tuesday, staff_rounds=True, drill=rhythm) as ward:
            await ward.pass_time("10m")
            assert ward.phone("fay").missed + ward.phone("fay").is_ringing == 0


async def test_the_command_goes_through_the_side_door(tmp_path: Path) -> None:
    async with open_ward(database=f"sqlite:///{tmp_path}/oncall.db") as ward, AsyncExitStack() as stack:
        await open_side_door(ward.house, stack)
        begun = await run_errand(ward.house.config, "drill", {"person": "ana", "rotation": None})
        await ward.settle()
        await ward.phone("ana").answers()
        await ward.phone("ana").presses("1")
        [row] = (await run_errand(ward.house.config, "drilled", {"drill": begun["drill"]}))["rows"]
        assert row["is_answered"]
        assert drill_lines([row])[1].split() == ["Dr", "Lee", "+16175550110", "3", "pressed", "1"]
        with pytest.raises(Declined, match="called nobody"):
            await run_errand(ward.house.config, "drill", {"person": "nobody", "rotation": None})


async def test_without_a_running_service_a_drill_is_declined(tmp_path: Path) -> None:
    async with open_ward(database=f"sqlite:///{tmp_path}/oncall.db") as ward:
        config = ward.house.config
    with pytest.raises(Declined, match="does not run"):
        await run_errand(config, "drill", {"person": "ana", "rotation": None})
