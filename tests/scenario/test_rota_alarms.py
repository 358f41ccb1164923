"""Coordinators hear of holes, of patterns that run out and of a rota nobody confirms; and of who is on each morning."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from oncall.adapters.register.rows import PersonRow
from oncall.core.case.messages import Channel
from oncall.core.handbook import Handbook
from oncall.core.notices import About, Notice
from oncall.core.rota.on_call import on_call_at, with_changes
from oncall.core.rota.shifts import Change, cover, leave
from oncall.service.ports.journal import Edition
from oncall.service.rota.alarms import BY, RotaAlarms, ending_patterns, holes
from oncall.service.rota.calendars import WatchedFeed
from oncall.service.rota.morning_list import KIND
from tests.scenario.test_page_by_mail import post_office
from tests.support.ward import TEN_AM, Ward, open_ward, shipped

SIX_AM = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)


def holder(at: datetime) -> str:
    return on_call_at(shipped().rota.rotations["pump-team"], "primary", at)[0].person


def away(starts_at: datetime, hours: int = 6) -> Change:
    return leave("away", holder(starts_at), starts_at, starts_at + timedelta(hours=hours), "ill")


def with_hole(at: datetime) -> Handbook:
    return replace(shipped(), rota=with_changes(shipped().rota, [away(at)]))


@asynccontextmanager
async def ward_with_hole(at: datetime) -> AsyncIterator[Ward]:
    async with open_ward(TEN_AM, handbook=with_hole(at), staff_rounds=True) as ward:
        yield ward


def hole_texts(ward: Ward) -> list[str]:
    return [text for text in ward.phone("maria").inbox if text.startswith("Nobody is on call")]


async def hole_tasks(ward: Ward) -> list[str]:
    return [task.title for task in await ward.house.register.open_tasks() if task.id.startswith("rota-hole")]


async def test_a_hole_is_told_once_for_each_mark_and_is_one_task() -> None:
    at = TEN_AM + timedelta(days=8, hours=1)
    async with ward_with_hole(at) as ward:
        await ward.pass_time("11m")
        [first] = hole_texts(ward)
        assert "Pump team, primary from Thu 3 Dec 11:00 to Thu 3 Dec 17:00: less than 14 d ahead" in first
        await ward.pass_time("20h")
        assert len(hole_texts(ward)) == 1
        await ward.pass_time("10h")
        assert [text.partition("less than ")[2][:5] for text in hole_texts(ward)] == ["14 d ", "7 d a"]
        [task] = await hole_tasks(ward)
        assert task == "Fill the hole: Pump team, primary, from Thu 3 Dec 11:00 to Thu 3 Dec 17:00"


async def test_a_mended_hole_is_no_task_any_more_and_nobody_is_told_again() -> None:
    at = TEN_AM + timedelta(days=8, hours=1)
    async with ward_with_hole(at) as ward:
        await ward.pass_time("11m")
        assert await hole_tasks(ward)
        mended = with_changes(with_hole(at).rota, [cover("c", "pump-team/primary", "dia", at, at + timedelta(hours=6))])
        ward.house.handbooks.put_in_force(replace(shipped(), rota=mended))
        await ward.pass_time("31h")
        assert await hole_tasks(ward) == []
        assert len(hole_texts(ward)) == 1


async def test_a_hole_that_was_filled_and_is_there_again_is_told_again_at_once() -> None:
    at = TEN_AM + timedelta(days=8, hours=1)
    async with ward_with_hole(at) as ward:
        await ward.pass_time("11m")
        hole, covered = with_hole(at), cover("c", "pump-team/primary", "dia", at, at + timedelta(hours=6))
        ward.house.handbooks.put_in_force(replace(hole, rota=with_changes(hole.rota, [covered])))
        await ward.pass_time("11m")
        assert await hole_tasks(ward) == []
        ward.house.handbooks.put_in_force(hole)
        await ward.pass_time("11m")
        assert len(await hole_tasks(ward)) == 1
        await ward.pass_time("30m")
        assert len(hole_texts(ward)) == 2


async def test_a_hole_found_at_night_and_filled_before_the_morning_is_told_to_nobody() -> None:
    night = datetime(2026, 11, 25, 8, 4, tzinfo=UTC)
    at = night + timedelta(days=2, hours=4)
    async with open_ward(night, handbook=with_hole(at), staff_rounds=True) as ward:
        await ward.pass_time("11m")
        assert hole_texts(ward) == []
        ward.house.handbooks.put_in_force(shipped())
        await ward.pass_time("5h")
        assert hole_texts(ward) == []


def test_the_nearest_mark_is_the_one_that_is_told() -> None:
    for ahead, mark in ((timedelta(minutes=119), "2 h"), (timedelta(hours=23), "24 h"), (timedelta(days=6), "7 d")):
        at = TEN_AM + ahead
        [trouble] = holes(with_hole(at).rota, TEN_AM)
        assert trouble.mark == mark
    assert holes(with_hole(TEN_AM + timedelta(days=15)).rota, TEN_AM) == []
    assert holes(shipped().rota, TEN_AM) == []


def test_a_pattern_that_ends_with_nobody_behind_it_is_told_thirty_days_ahead() -> None:
    ends_at = TEN_AM + timedelta(days=29)
    rotation = shipped().rota.rotations["pump-team"]
    layer = rotation.layer("attending")
    ended = replace(layer, patterns=tuple(replace(p, ends_at=ends_at) for p in layer.patterns))
    layers = tuple(ended if one.name == "attending" else one for one in rotation.layers)
    rota = replace(
        shipped().rota, rotations={**shipped().rota.rotations, "pump-team": replace(rotation, layers=layers)}
    )
    [trouble] = ending_patterns(rota, TEN_AM)
    assert "Pump team, attending runs out on Thu 24 Dec" in trouble.words
    assert ending_patterns(rota, TEN_AM - timedelta(days=2)) == []
    assert ending_patterns(shipped().rota, TEN_AM) == []


async def test_a_rota_that_nobody_confirms_for_sixty_days_asks_and_its_done_task_confirms_it() -> None:
    async with open_ward(TEN_AM, staff_rounds=True) as ward:
        await ward.house.journal.save_edition(Edition("a1", TEN_AM - timedelta(days=61), "maria"), {})
        await ward.pass_time("11m")
        asks = [text for text in ward.phone("maria").inbox if "confirmed the rota" in text]
        assert len(asks) == 1
        [task] = [t for t in await ward.house.register.open_tasks() if t.id.startswith("stale-rota")]
        await ward.house.register.finish_task(task.id, "maria")
        await ward.pass_time("24h")
        assert len([text for text in ward.phone("maria").inbox if "confirmed the rota" in text]) == 1


async def test_a_watched_calendar_that_is_a_day_old_is_told_once_and_is_a_task_until_it_is_read_again() -> None:
    async with open_ward(TEN_AM) as ward:
        house, good_at = ward.house, TEN_AM - timedelta(hours=25)
        rounds = (house.messenger, house.register, house.journal, house.handbooks, house.clock, house.hospital)
        alarms = RotaAlarms(*rounds, house.register, ["central", "never-looked-at"])
        old = WatchedFeed("central", TEN_AM, good_at, "BEGIN:VCALENDAR", 40, "It answered 503.")
        await house.register.keep_watched_feed(old)
        for _ in range(3):
            await alarms.look()
            await ward.pass_time("10m")
        told = [text for text in ward.phone("maria").inbox if "watched calendar" in text]
        assert told == [
            "The watched calendar central has had no good copy since Tue 24 Nov 09:00. It answered 503. "
            "The rota stands as it was published."
        ]
        tasks = [task.title for task in await house.register.open_tasks() if "calendar" in task.title]
        assert tasks == ["See to the watched calendar central"]
        assert (await house.register.watched_feed("central")).text == "BEGIN:VCALENDAR", "the last good copy is kept"
        await house.register.keep_watched_feed(replace(old, good_at=house.clock.now(), fault=""))
        await alarms.look()
        assert not [task for task in await house.register.open_tasks() if "calendar" in task.title]


async def test_at_five_past_seven_coordinator_and_operator_hear_who_is_on() -> None:
    async with open_ward(SIX_AM, staff_rounds=True) as ward:
        await ward.pass_time("64m")
        assert not any(text.startswith("On call, ") for text in ward.phone("maria").inbox)
        await ward.pass_time("3m")
        for phone in ward.phones("maria", "operator"):
            [text] = [text for text in phone.inbox if text.startswith("On call, Wed 25 Nov 07:0")]
            assert "Pump team, primary: Dr Singh until 7:15 PM;" in text
            assert "Neurosurgery: Dr Okafor" in text
        await ward.pass_time("4h")
        assert len([text for text in ward.phone("maria").inbox if text.startswith("On call, ")]) == 1


async def test_a_crash_after_the_first_reader_keeps_the_list_from_no_other() -> None:
    async with open_ward(SIX_AM, staff_rounds=True) as ward:
        about = About(KIND, "2026-11-25")
        first = Notice(about, ward.phone("maria").number, Channel.SMS, "On call, .", BY, person="maria")
        await ward.house.messenger.order(first)
        await ward.pass_time("67m")
        for phone in ward.phones("maria", "operator"):
            assert len([text for text in phone.inbox if text.startswith("On call, ")]) == 1


async def test_a_crash_while_a_hole_is_told_leaves_its_task_and_tells_the_other_coordinator() -> None:
    at = TEN_AM + timedelta(days=8, hours=1)
    async with ward_with_hole(at) as ward:
        [ben] = [row for row in await ward.house.register.rows(PersonRow) if row.id == "ben"]
        await ward.house.register.put([replace(ben, role="coordinator")], "test")
        trouble = holes(with_hole(at).rota, TEN_AM)[0]
        first = Notice(trouble.about(None), ward.phone("maria").number, Channel.SMS, trouble.words, BY, person="maria")
        await ward.house.messenger.order(first)
        await ward.pass_time("11m")
        assert await hole_tasks(ward) == [trouble.title]
        for phone in ward.phones("maria", "ben"):
            assert len([text for text in phone.inbox if text.startswith("Nobody is on call")]) == 1


async def test_who_has_an_address_gets_the_list_by_mail() -> None:
    mail = post_office()
    async with mail as (server, letters), open_ward(SIX_AM, staff_rounds=True, email=_relay(server)) as ward:
        [maria] = [row for row in await ward.house.register.rows(PersonRow) if row.id == "maria"]
        await ward.house.register.put([replace(maria, email="maria@hospital.example")], "test")
        await ward.pass_time("67m")
        [letter] = letters
        assert "To: maria@hospital.example" in letter
        assert "Subject: On call, Wed 25 Nov 07:0" in letter
        assert "Pump team, attending: Dr " in letter


def _relay(server: str) -> dict[str, str]:
    return {"server": server, "from": "line@hospital.example"}
