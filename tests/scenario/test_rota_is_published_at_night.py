"""The rota changes while a page is on its way, through the coordinators' own desk."""

from __future__ import annotations

from oncall.adapters.handbook.files import read_files
from oncall.core.rota.edits import AddBeside, AddCover
from oncall.service.ports.journal import Edition
from oncall.service.rota.desk import RotaDesk
from tests.support.ward import ROOT, Ward, shipped

ITCHY = "he is so itchy and stiff, his alarm is beeping"
TONIGHT = ("2026-11-24 19:00", "2026-11-25 07:00")


async def desk_of(ward: Ward) -> RotaDesk:
    edition = Edition(shipped().edition, ward.clock.now(), "first start")
    await ward.house.journal.save_edition(edition, read_files(ROOT / "rules", ROOT / "rotations"))
    return ward.house.rota_desk


async def test_a_cover_published_between_two_rings_rings_the_new_holder_and_the_story_says_why(ward: Ward) -> None:
    mum, ana, eli = ward.phones("mum of Leo", "ana", "eli")
    desk = await desk_of(ward)
    await mum.texts(ITCHY)
    assert ana.is_ringing
    assert not eli.is_ringing
    await desk.add("maria", AddCover("pump-team/primary", "eli", *TONIGHT))
    edition = await desk.publish("maria", "ana is ill")
    await ward.pass_time("2m")
    assert eli.is_ringing
    assert ana.is_ringing, "in an emergency who has gone off duty keeps ringing"
    assert any("Dr Abud came on duty for pump-team/primary" in row for row in await ward.story()), await ward.story()
    assert ward.house.handbooks.current().edition == edition.name
    await eli.texts(eli.reply_code("2"))
    case = await ward.only_case()
    assert case.holder is not None
    assert case.holder.person == "eli"
    await ward.is_sound()


async def test_a_helper_who_has_not_said_yes_is_paged_beside_the_holder_and_the_next_tier(ward: Ward) -> None:
    mum, ana, eli, dia = ward.phones("mum of Leo", "ana", "eli", "dia")
    desk = await desk_of(ward)
    await desk.add("maria", AddBeside("pump-team/primary", "eli", *TONIGHT))
    await desk.publish("maria", "ana is ill")
    await mum.texts(ITCHY)
    assert ana.is_ringing
    assert eli.is_ringing
    assert dia.is_ringing, "the attending does not wait three minutes while nobody has taken over"
    assert any("being replaced" in row for row in await ward.story()), await ward.story()
    await ward.is_sound()


async def test_after_the_yes_the_next_tier_waits_for_its_time_again(ward: Ward) -> None:
    mum, eli, dia = ward.phones("mum of Leo", "eli", "dia")
    desk = await desk_of(ward)
    await desk.add("maria", AddBeside("pump-team/primary", "eli", *TONIGHT))
    await desk.publish("maria", "ana is ill")
    await ward.pass_time("1m")
    await desk.add("maria", AddCover("pump-team/primary", "eli", *TONIGHT))
    await desk.publish("maria", "eli said yes")
    await mum.texts(ITCHY)
    assert eli.is_ringing
    assert not dia.is_ringing


async def test_a_helper_published_while_the_holder_rings_brings_the_next_tier_at_the_next_ring(ward: Ward) -> None:
    mum, ana, eli, dia = ward.phones("mum of Leo", "ana", "eli", "dia")
    desk = await desk_of(ward)
    await mum.texts(ITCHY)
    assert ana.is_ringing
    await desk.add("maria", AddBeside("pump-team/primary", "eli", *TONIGHT))
    await desk.publish("maria", "ana is ill")
    await ward.pass_time("2m")
    assert eli.is_ringing
    assert dia.is_ringing
    await ward.is_sound()
