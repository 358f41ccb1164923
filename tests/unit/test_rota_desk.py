"""The coordinators' desk in a whole house: drafts, previews, two who publish at once, undo, restore, history."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from oncall.adapters.handbook.files import read_files
from oncall.adapters.handbook.publishing import readings_of
from oncall.adapters.handbook.rota_pages import OVERRIDES
from oncall.adapters.handbook.rota_scribe import Scribe
from oncall.adapters.handbook.store import handbook_in_force, texts_of
from oncall.core.rota.edits import (
    AddBeside,
    AddCover,
    AddLeave,
    EditChange,
    EditRefused,
    NewPattern,
    PatternWords,
    ReplaceRoster,
    TakeBackChange,
)
from oncall.core.rota.on_call import on_call_at, tier_shifts
from oncall.service.ports.journal import Edition
from oncall.service.rota.desk import PublishRefused, RotaDesk
from oncall.service.rota.drafts import Draft, edits_from_json, edits_to_json
from tests.support.ward import ROOT, TEN_AM, Ward, open_ward, shipped

TIER = "pump-team/primary"
NIGHT = ("2026-12-02 19:00", "2026-12-03 07:00")
NEXT_NIGHT = ("2026-12-03 19:00", "2026-12-04 07:00")


@cache
def shipped_files() -> Mapping[str, str]:
    texts = read_files(ROOT / "rules", ROOT / "rotations")
    return {**texts, **readings_of(texts)}


@pytest.fixture
async def ward() -> AsyncIterator[Ward]:
    async with open_ward(at=TEN_AM) as ward:
        edition = Edition(shipped().edition, ward.clock.now(), "first start")
        await ward.house.journal.save_edition(edition, shipped_files())
        await ward.pass_time("1m")
        yield ward


@pytest.fixture
def desk(ward: Ward) -> RotaDesk:
    return ward.house.rota_desk


async def stored(ward: Ward) -> dict[str, str]:
    (newest, *_) = await ward.house.journal.editions()
    return texts_of(await ward.house.journal.edition_files(newest.name) or {})


# --- drafts -----------------------------------------------------------------------------------------------------------


async def test_a_draft_is_kept_with_who_and_when_and_changes_nobody(ward: Ward, desk: RotaDesk) -> None:
    before = ward.house.handbooks.current()
    await desk.add("maria", AddCover(TIER, "dia", *NIGHT), name="December")
    draft = await desk.add("maria", AddLeave("ben", "2026-12-20", "2026-12-21"), by="ines")
    assert await desk.draft("maria") == draft
    assert [(one.number, one.by, one.at) for one in draft.edits] == [
        (1, "maria", ward.clock.now()),
        (2, "ines", ward.clock.now()),
    ]
    assert (draft.name, draft.base) == ("December", (await ward.house.journal.editions())[0].name)
    assert await desk.drafts() == [draft]
    assert ward.house.handbooks.current() is before
    assert [entry.who for entry in await ward.house.register.audit(2)] == ["ines", "maria"]


async def test_an_edit_is_taken_out_of_a_draft_and_a_draft_is_discarded(desk: RotaDesk) -> None:
    await desk.add("maria", AddCover(TIER, "dia", *NIGHT))
    await desk.add("maria", AddCover(TIER, "eli", *NEXT_NIGHT))
    assert [one.number for one in (await desk.take_back("maria", 1)).edits] == [2]
    await desk.discard("maria")
    assert await desk.draft("maria") == Draft("maria")
    assert await desk.drafts() == []
    assert (await desk.preview("maria")).against() == ("There is nothing to publish.",)


async def test_two_who_add_to_one_draft_at_once_both_keep_theirs(desk: RotaDesk) -> None:
    await asyncio.gather(
        desk.add("maria", AddCover(TIER, "dia", *NIGHT)), desk.add("maria", AddCover(TIER, "eli", *NEXT_NIGHT), "ines")
    )
    draft = await desk.draft("maria")
    assert {one.number for one in draft.edits} == {1, 2}
    assert edits_from_json(edits_to_json(draft.edits)) == draft.edits


async def test_an_edit_that_cannot_be_meant_never_enters_a_draft(desk: RotaDesk) -> None:
    with pytest.raises(EditRefused, match="twice") as problem:
        await desk.add("maria", AddCover(TIER, "dia", "2027-11-07 01:30", "2027-11-07 07:00"))
    assert len(problem.value.choices) == 2
    assert (await desk.draft("maria")).edits == ()


# --- preview ----------------------------------------------------------------------------------------------------------


async def test_the_preview_says_who_instead_of_whom_and_that_nothing_else_changes(desk: RotaDesk) -> None:
    await desk.add("maria", AddCover(TIER, "dia", *NIGHT))
    found = await desk.preview("maria")
    assert found.sentences == (
        "Wed 2 Dec 19:00 to Thu 3 Dec 07:00, pump team primary: Dr Singh -> Dr Osei. 1 night.",
        "Nothing else changes.",
    )
    assert found.right_now == ("On call right now: unchanged.",)
    assert not found.soon
    assert found.tells == ("ben", "dia")
    assert found.red == ()
    assert found.merge is None
    assert found.before != found.after


async def test_a_change_of_who_is_on_now_is_said_with_both_names(ward: Ward, desk: RotaDesk) -> None:
    await desk.add("maria", AddCover(TIER, "eli", "2026-11-25 07:00", "2026-11-25 19:00"))
    found = await desk.preview("maria")
    (said,) = found.right_now
    assert said == "On call right now, pump team primary changes from Dr Singh to Dr Abud."
    assert found.soon


async def test_a_change_of_a_pattern_says_until_when_it_was_looked_at(desk: RotaDesk) -> None:
    await desk.add("maria", ReplaceRoster("anaesthesia-pain/primary", 1, (("eli",),), "2026-12-07"))
    found = await desk.preview("maria")
    assert found.sentences[0] == (
        "Mon 14 Dec 08:00 to Mon 21 Dec 08:00, anaesthesia pain: Dr Osei -> Dr Abud. 7 nights."
    )
    assert found.sentences[-1].startswith("Nothing else changes until ")
    assert "more spans like these until" in found.sentences[-2]


async def test_a_hole_that_is_made_is_red_and_blocks_and_its_filling_is_not(ward: Ward, desk: RotaDesk) -> None:
    await desk.add("maria", AddLeave("ben", *NIGHT))
    found = await desk.preview("maria")
    assert found.red
    with pytest.raises(PublishRefused, match="Nobody is on pump team primary"):
        await desk.publish("maria", reason="he is ill")
    await desk.add("maria", AddCover(TIER, "eli", *NIGHT))
    assert (await desk.preview("maria")).red == ()
    await desk.publish("maria", reason="he is ill")


async def test_a_warning_needs_a_reason(ward: Ward, desk: RotaDesk) -> None:
    await desk.add("maria", AddCover("neurosurgery/primary", "gus", "2026-12-02 08:00", "2026-12-30 08:00"))
    assert (await desk.preview("maria")).yellow
    with pytest.raises(PublishRefused, match="Say why"):
        await desk.publish("maria")
    edition = await desk.publish("maria", reason="sabbatical")
    assert edition.reason == "sabbatical"


@pytest.mark.parametrize(
    "edit",
    [AddCover("operator/primary", "maria", *NIGHT), NewPattern("neurosurgery/second", PatternWords((("gus",),)))],
)
async def test_tiers_and_the_last_resort_need_two_people(desk: RotaDesk, edit: AddCover | NewPattern) -> None:
    await desk.add("maria", edit)
    found = await desk.preview("maria")
    assert [why for why in found.against("a", "Maria", "maria") if "second person" in why]
    assert not [why for why in found.against("a", "Ada Grant", "maria") if "second person" in why]


# --- publishing -------------------------------------------------------------------------------------------------------


async def test_what_is_published_holds_at_once_and_stands_in_the_files(ward: Ward, desk: RotaDesk) -> None:
    before = await stored(ward)
    await desk.add("maria", AddCover(TIER, "eli", "2026-11-25 07:00", "2026-11-25 19:00", note="ben ill"))
    edition = await desk.publish("maria", reason="ben is ill")
    rota = ward.house.handbooks.current().rota
    assert on_call_at(rota.rotations["pump-team"], "primary", ward.clock.now())[0].person == "eli"
    assert ward.house.handbooks.current().edition == edition.name
    after = await stored(ward)
    assert after[OVERRIDES].startswith(before[OVERRIDES])
    assert {name for name in after if after[name] != before[name]} == {OVERRIDES}
    assert await desk.draft("maria") == Draft("maria")
    newest, first = await desk.history()
    assert (newest.number, newest.edition, first.number) == (2, edition, 1)
    assert "Dr Singh -> Dr Abud" in newest.sentences[0]


async def test_of_two_who_publish_at_the_same_moment_one_is_shown_what_the_other_did(
    ward: Ward, desk: RotaDesk
) -> None:
    await desk.add("maria", AddCover(TIER, "dia", *NIGHT))
    await desk.add("ines", AddCover(TIER, "cho", *NEXT_NIGHT))
    told = await asyncio.gather(desk.publish("maria", "course"), desk.publish("ines", "course"), return_exceptions=True)
    lost = [author for author, result in zip(("maria", "ines"), told, strict=True) if isinstance(result, Exception)]
    assert len(lost) == 1, told
    assert len(await ward.house.journal.editions()) == 2
    found = await desk.preview(lost[0])
    assert found.merge is not None
    assert [edition.author for edition in found.merge.editions] == [{"maria": "ines", "ines": "maria"}[lost[0]]]
    assert len(found.merge.sentences) == 2
    assert found.merge.clashes == ()
    with pytest.raises(PublishRefused, match="published since you began"):
        await desk.publish(lost[0], "course")
    await desk.accept_newest(lost[0])
    await desk.publish(lost[0], "course")
    rota = ward.house.handbooks.current().rota
    assert {change.person for change in rota.rotations["pump-team"].changes} >= {"dia", "cho"}
    assert (await stored(ward))[OVERRIDES].count("- id: C") == 4


async def test_the_merge_names_what_clashes_and_what_does_not_fit_any_more(ward: Ward, desk: RotaDesk) -> None:
    await desk.add("ines", AddCover(TIER, "eli", *NEXT_NIGHT))
    await desk.publish("ines", "course")
    await desk.add("maria", AddCover(TIER, "dia", *NIGHT))
    await desk.add("maria", EditChange("C3", note="course in Boston"))
    await desk.add("ines", AddCover(TIER, "cho", *NIGHT))
    await desk.add("ines", TakeBackChange("C3"))
    await desk.publish("ines", "course")
    found = await desk.preview("maria")
    assert found.merge is not None
    (clash,) = found.merge.clashes
    assert clash.mine.endswith("Dr Singh -> Dr Osei. 1 night.")
    assert clash.theirs.endswith("Dr Singh -> Dr Park. 1 night.")
    assert [one.sentence for one in found.refused] == ["C3 is not there any more: somebody has taken it back."]
    draft = await desk.accept_newest("maria")
    assert [one.number for one in draft.edits] == [1]
    await desk.publish("maria", "agreed with Ines")
    rota = ward.house.handbooks.current().rota
    night = TEN_AM + timedelta(days=7, hours=16)
    assert [shift.person for shift in tier_shifts(rota, TIER, night)] == ["dia"]


async def test_an_edit_that_the_other_made_too_changes_nothing_and_is_named(desk: RotaDesk) -> None:
    await desk.add("maria", AddCover(TIER, "dia", *NIGHT))
    await desk.add("ines", AddCover(TIER, "dia", *NIGHT))
    await desk.publish("ines", "course")
    found = await desk.preview("maria")
    assert [one.drafted.number for one in found.refused] == [1]
    assert "would change nobody" in found.refused[0].sentence
    assert (await desk.accept_newest("maria")).edits == ()


# --- undo and restore -------------------------------------------------------------------------------------------------


async def test_undo_gives_back_the_edition_before_within_ten_minutes(ward: Ward, desk: RotaDesk) -> None:
    before = await stored(ward)
    await desk.add("maria", AddCover(TIER, "dia", *NIGHT))
    edition = await desk.publish("maria", "course")
    await ward.pass_time("9m")
    undone = await desk.undo(edition.name, "maria")
    assert await stored(ward) == before
    assert ward.house.handbooks.current().edition == undone.name != edition.name
    assert [row.edition.reason for row in await desk.history()] == ["undone", "course", ""]
    with pytest.raises(PublishRefused, match="published since"):
        await desk.undo(edition.name, "maria")


async def test_after_ten_minutes_the_edition_before_is_restored_instead(ward: Ward, desk: RotaDesk) -> None:
    before = await stored(ward)
    first = (await ward.house.journal.editions())[0].name
    await desk.add("maria", AddCover(TIER, "dia", *NIGHT))
    edition = await desk.publish("maria", "course")
    await ward.pass_time("11m")
    with pytest.raises(PublishRefused, match="ten minutes"):
        await desk.undo(edition.name, "maria")
    assert "Dr Osei -> Dr Singh" in (await desk.preview_restore(first)).sentences[0]
    await desk.restore(first, "maria", "course is off")
    assert await stored(ward) == before
    with pytest.raises(PublishRefused, match="in force already"):
        await desk.restore(first, "maria")
    assert len(await ward.house.journal.editions()) == 3


async def test_the_first_edition_cannot_be_undone(ward: Ward, desk: RotaDesk) -> None:
    with pytest.raises(PublishRefused, match="first edition"):
        await desk.undo((await ward.house.journal.editions())[0].name, "maria")


async def test_without_an_edition_there_is_nothing_to_draft_on() -> None:
    async with open_ward() as ward:
        with pytest.raises(EditRefused, match="Nothing has been published"):
            await ward.house.rota_desk.add("maria", AddCover(TIER, "dia", *NIGHT))


# --- what lies beside -------------------------------------------------------------------------------------------------


async def test_an_edition_of_the_desk_is_the_one_that_a_restart_reads(ward: Ward, desk: RotaDesk) -> None:
    await desk.add("maria", AddCover(TIER, "dia", *NIGHT))
    edition = await desk.publish("maria", "course")
    again = (await handbook_in_force(ward.house.journal, Path("nowhere"), Path("nowhere"))).current()
    held = ward.house.handbooks.current()
    assert (again.edition, again.rota, again.table) == (edition.name, held.rota, held.table)
    assert (again.rulebook.rules.rules, again.unsigned) == (held.rulebook.rules.rules, held.unsigned)
    loaded = Scribe().handbook(await stored(ward), None)
    assert (loaded.edition, loaded.rota) == (held.edition, held.rota)


async def test_an_edition_without_a_tier_needs_two_people(ward: Ward, desk: RotaDesk) -> None:
    files = {name: text for name, text in shipped_files().items() if "/neurosurgery" not in name}
    await ward.house.journal.save_edition(Edition("old", ward.clock.now(), "x"), files)
    await ward.house.journal.save_edition(Edition("new", ward.clock.now(), "x"), shipped_files())
    with pytest.raises(PublishRefused, match="second person"):
        await desk.restore("old", "maria", "because")
    assert [edition.name for edition in await ward.house.journal.editions()][:2] == ["new", "old"]


def test_a_rota_without_a_tier_that_the_clocks_name_is_no_edition() -> None:
    gone = ("pump-team", "overrides", "holidays")
    files = {n: text for n, text in shipped_files().items() if n.endswith(".yaml") and not any(g in n for g in gone)}
    for same_rules in (shipped(), None):
        with pytest.raises(EditRefused, match="Tier pump-team/attending does not fit"):
            Scribe().handbook(files, same_rules)


# --- a replacement who has not said yes -------------------------------------------------------------------------------


async def test_until_an_asked_replacement_says_yes_both_are_on(ward: Ward, desk: RotaDesk) -> None:
    await desk.add("maria", AddBeside(TIER, "eli", "2026-11-25 07:00", "2026-11-25 19:00", "asked by text"))
    await desk.publish("maria", "ben is ill")
    rota, now = ward.house.handbooks.current().rota, ward.clock.now()
    assert {shift.person for shift in tier_shifts(rota, TIER, now)} == {"ben", "eli"}


async def test_an_edit_is_tried_out_on_top_of_the_draft_and_nothing_is_kept(desk: RotaDesk) -> None:
    draft = await desk.add("maria", AddCover(TIER, "dia", *NIGHT))
    tried = await desk.try_out("maria", AddCover(TIER, "eli", *NEXT_NIGHT))
    assert [move.after for move in tried.moves] == [("dia",), ("eli",)]
    assert await desk.draft("maria") == draft
    with pytest.raises(EditRefused):
        await desk.try_out("maria", AddCover(TIER, "nobody", *NEXT_NIGHT))
