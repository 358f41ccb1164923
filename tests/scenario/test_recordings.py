"""The one thing that is recorded: the announced message of at most 30 s, and the pictures that a family sends.

Fetched from the carrier into our own store and deleted there; a page never waits for any of it. Deliberately not here:
who may open them on a page (tests/contract/test_enclosures.py).
"""

from __future__ import annotations

import hashlib
import io
import wave
from datetime import timedelta

import pytest

from oncall.adapters.rehearsal.sounds_and_pictures import picture
from oncall.core.case.case import Arrival, Case, Status
from tests.support.ward import Phone, Ward, open_ward


@pytest.fixture
async def ward():
    async with open_ward(chores=True) as ward:
        yield ward
        await ward.is_sound()


async def to_the_open_words(mum: Phone) -> None:
    await mum.calls()
    await mum.presses("2")
    await mum.presses("2")


async def to_the_tone(mum: Phone) -> None:
    await to_the_open_words(mum)
    await mum.presses("1")
    assert "This is recorded and kept" in mum.heard


async def reports_of(ward: Ward) -> list[str]:
    case = await ward.only_case()
    found = [await ward.house.journal.report(note.id) for note in case.reports]
    return [report.raw for report in found if report is not None]


async def test_a_message_is_kept_here_and_deleted_at_the_carrier(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await to_the_tone(mum)
    await mum.says("he is stiff and he is hot")
    await ward.pass_time("12s")
    [enclosure] = (await ward.only_case()).enclosures
    kept = await ward.house.kept.get(enclosure.what.id)
    assert kept is not None
    assert kept.media_type == "audio/wav"
    with wave.open(io.BytesIO(kept.body)) as sound:
        assert sound.getnframes() / sound.getframerate() == enclosure.what.seconds
    assert enclosure.size == len(kept.body)
    assert enclosure.cleared
    assert ward.carrier.calls.recordings == {}
    told = [row for row in await ward.story() if "recorded message" in row]
    assert told == [
        "the caller left a recorded message, phone ending 0142",
        "the recorded message is kept here",
        "the recorded message is deleted at the carrier",
    ]


async def test_a_message_is_a_report_and_the_call_goes_on_to_the_number(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await to_the_tone(mum)
    paged = len(ward.phone("ana").inbox)
    await mum.says("he is stiff")
    await mum.presses("#")
    assert "We will call you at" in mum.heard
    case = await ward.only_case()
    assert [note.arrival for note in case.reports].count(Arrival.RECORDED) == 1
    assert "(recorded message, 1 s)" in await reports_of(ward)
    assert paged >= 1, "the page was out before anything was recorded"


async def test_a_message_ends_after_thirty_seconds(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await to_the_tone(mum)
    for _ in range(9):
        await mum.says("and then")
        await ward.pass_time("4s")
    [enclosure] = (await ward.only_case()).enclosures
    assert enclosure.what.seconds == 30


@pytest.mark.parametrize("words", ["mm the the it is", ""])
async def test_words_that_nobody_understood_and_silence_lead_to_the_tone(ward: Ward, words: str) -> None:
    mum = ward.phone("mum of Leo")
    await to_the_open_words(mum)
    if words:
        await mum.says(words)
        assert words in await reports_of(ward)
    await ward.pass_time("6s")
    assert "After the tone" in mum.heard


async def test_words_that_were_understood_are_not_asked_for_again(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await to_the_open_words(mum)
    await mum.says("he is stiff as a board and burning up")
    assert "After the tone" not in mum.heard
    assert "We will call you at" in mum.heard


async def test_words_the_carrier_is_not_sure_of_are_kept_and_the_voice_is_asked_for(ward: Ward) -> None:
    """The caller chose Spanish and speaks English, so the carrier doubts what it heard."""
    mum = ward.phone("mum of Leo")
    await mum.calls()
    await mum.presses("9")
    await mum.presses("2")
    await mum.presses("2")
    await mum.says("stiff as a board and burning up")
    assert "After the tone" in mum.heard
    assert "stiff as a board and burning up" in await reports_of(ward)


async def test_nobody_speaks_after_the_tone_and_the_call_goes_on(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await to_the_tone(mum)
    await ward.pass_time("6s")
    assert "We will call you at" in mum.heard
    assert (await ward.only_case()).enclosures == ()


@pytest.mark.parametrize(("key", "sign"), [("0", "asked_for_person"), ("8", "hospital_staff")])
async def test_a_key_in_the_message_keeps_it_and_means_what_it_always_means(ward: Ward, key: str, sign: str) -> None:
    mum = ward.phone("mum of Leo")
    await to_the_tone(mum)
    await mum.says("please")
    await mum.presses(key)
    await ward.pass_time("6s")
    case = await ward.only_case()
    assert case.has_said(sign)
    assert [enclosure.is_kept for enclosure in case.enclosures] == [True]


async def test_hanging_up_in_the_message_keeps_it_and_texts_back(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await to_the_tone(mum)
    await mum.says("he is so hot, I must go")
    mum.new_texts()
    await mum.hangs_up()
    await ward.pass_time("10s")
    [enclosure] = (await ward.only_case()).enclosures
    assert enclosure.is_kept
    assert any("cut off" in text for text in mum.new_texts())


async def test_the_webhook_of_the_recording_is_enough_and_both_add_it_once(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await to_the_tone(mum)
    await mum.says("he is hot")
    ward.carrier.faults.order("repeat_callback", times=4)
    await mum.presses("#")
    await ward.pass_time("5s")
    case = await ward.only_case()
    assert [note.arrival for note in case.reports].count(Arrival.RECORDED) == 1
    assert len(case.enclosures) == 1


async def test_a_message_to_a_case_that_waits_for_the_office_pages(ward: Ward) -> None:
    """No machine hears it, so it is read as what cannot be read (law 1)."""
    mum = ward.phone("mum of Leo")
    await mum.texts("need to move fridays appointment")
    assert (await ward.only_case()).status is Status.WAITING
    await mum.calls()
    await ward.pass_time("1s")
    case = await ward.only_case()
    await mum.presses("2")
    await mum.presses("2")
    await mum.presses("1")
    await mum.says("he is hot")
    await mum.presses("#")
    assert (await ward.house.journal.case(case.id)).status is Status.PAGING  # type: ignore[union-attr]


async def test_the_holder_hears_that_a_message_came(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await to_the_tone(mum)
    await ana.texts(ana.reply_code("2"))
    ana.new_texts()
    await mum.says("he is hotter")
    await mum.presses("#")
    assert any("/p/" in text for text in ana.new_texts())


# --- the carrier is not believed -----------------------------------------------------------------------------------


async def test_a_carrier_that_is_down_is_asked_again_and_the_page_waits_for_nothing(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await to_the_tone(mum)
    await mum.says("he is hot")
    ward.carrier.faults.order("server_error", "file", times=2)
    await mum.presses("#")
    await ward.pass_time("4s")
    assert not (await ward.only_case()).enclosures[0].is_kept
    assert ward.phone("ana").inbox
    await ward.pass_time("30s")
    assert (await ward.only_case()).enclosures[0].is_kept


async def closed_by_ana(ward: Ward) -> Case:
    ana = ward.phone("ana")
    await ana.texts(ana.reply_code("2"))
    await ana.texts("reached")
    await ana.texts(ana.reply_code("7") + " 1")
    [case] = await ward.house.journal.closed_cases(ward.clock.now() - timedelta(hours=1), 5)
    return case


async def again(ward: Ward, case: Case) -> Case:
    found = await ward.house.journal.case(case.id)
    assert found is not None
    return found


async def test_a_message_the_carrier_never_gives_is_given_up_after_a_day_and_said() -> None:
    async with open_ward() as ward:
        mum = ward.phone("mum of Leo")
        await to_the_tone(mum)
        await mum.says("he is hot")
        await mum.presses("#")
        ward.carrier.calls.recordings.clear()
        case = await closed_by_ana(ward)
        await ward.house.enclosures.look()
        assert not (await again(ward, case)).enclosures[0].gone
        await ward.pass_time("25h")
        await ward.house.enclosures.look()
        assert (await again(ward, case)).enclosures[0].gone == "the carrier answered 404"


async def test_what_was_not_fetched_before_a_restart_is_fetched_after_it(tmp_path) -> None:
    database = f"sqlite:///{tmp_path / 'line.db'}"
    async with open_ward(database=database) as ward:
        mum = ward.phone("mum of Leo")
        await mum.texts("his wound looks like this", pictures=[picture()])
        case = await ward.only_case()
        assert not case.enclosures[0].is_kept
        pictures = dict(ward.carrier.texts.pictures)
        now = ward.clock.now()
    async with open_ward(at=now, database=database, fill=False, chores=True) as ward:
        ward.carrier.texts.pictures |= pictures
        await ward.pass_time("6s")
        [enclosure] = (await ward.only_case()).enclosures
        kept = await ward.house.kept.get(enclosure.what.id)
        assert kept is not None
        assert kept.body == picture()


async def test_the_store_forgets_after_its_days_and_the_words_stay() -> None:
    async with open_ward() as ward:
        await ward.phone("mum of Leo").texts("his wound looks like this", pictures=[picture()])
        case = await closed_by_ana(ward)
        await ward.house.enclosures.look()
        name = case.enclosures[0].what.id
        await ward.pass_time("29d")
        await ward.house.enclosures.forget_old()
        assert await ward.house.kept.get(name) is not None
        await ward.pass_time("2d")
        await ward.house.enclosures.forget_old()
        assert await ward.house.kept.get(name) is None
        assert (await again(ward, case)).enclosures[0].gone == "kept for 30 days"
        report = await ward.house.journal.report(case.reports[0].id)
        assert report is not None
        assert report.raw == "his wound looks like this"


# --- pictures --------------------------------------------------------------------------------------------------------


async def test_pictures_are_kept_here_deleted_at_the_carrier_and_the_family_is_told(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await mum.texts("look at his back", pictures=[picture(), picture()])
    assert ward.phone("ana").inbox
    await ward.pass_time("6s")
    case = await ward.only_case()
    assert [enclosure.media_type for enclosure in case.enclosures] == ["image/png", "image/png"]
    assert all(enclosure.cleared for enclosure in case.enclosures)
    assert ward.carrier.texts.pictures == {}
    assert any("Photo received" in text or "hoto" in text for text in mum.inbox)
    entries = await ward.house.journal.entries(case.id)
    digests = [row.entry.sha256 for row in entries if type(row.entry).__name__ == "EnclosureKept"]  # type: ignore[union-attr]
    assert digests == [hashlib.sha256(picture()).hexdigest()] * 2


async def test_an_address_that_is_not_our_accounts_is_never_asked_for(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    elsewhere = "https://api.twilio.com/2010-04-01/Accounts/AC" + "9" * 32 + "/Recordings/RE" + "0" * 32
    await mum.texts("look", media=["http://127.0.0.1:1/secret.png", elsewhere])
    await ward.pass_time("6s")
    [enclosure] = (await ward.only_case()).enclosures
    assert enclosure.gone == "no carrier account of ours has it"
    assert ward.phone("ana").inbox


async def test_a_picture_that_is_larger_than_we_take_is_said_to_be(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await mum.texts("look", pictures=[picture() + b"\0" * (6 * 1024 * 1024)])
    await ward.pass_time("6s")
    [enclosure] = (await ward.only_case()).enclosures
    assert enclosure.gone == "larger than 6 MB"


async def test_a_lost_text_with_a_picture_is_found_with_its_picture(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    ward.carrier.faults.order("lose_webhook", "text")
    await mum.texts("look at his back", pictures=[picture()])
    await ward.pass_time("90s")
    [enclosure] = (await ward.only_case()).enclosures
    assert enclosure.is_kept


async def test_a_message_left_on_the_second_line_is_fetched_from_its_own_account() -> None:
    async with open_ward(chores=True, second_route=True) as ward:
        mum = ward.phone("mum of Leo")
        await mum.calls(to=ward.second_carrier)  # type: ignore[arg-type]
        for key in "221":
            await mum.presses(key)
        await mum.says("he is hot")
        await mum.presses("#")
        await ward.pass_time("6s")
        [enclosure] = (await ward.only_case()).enclosures
        assert enclosure.is_kept
        assert ward.second_carrier.calls.recordings == {}
