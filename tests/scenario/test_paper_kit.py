"""The paper for a day without the line: the right people over a hand-over, nobody's patient, readable by the group."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from oncall.adapters.web.paper.kit import MODE, html_of, kit_of
from oncall.config import PaperPart
from oncall.core.rota.on_call import tier_shifts
from oncall.serving import paper_chores
from tests.support.ward import Ward, open_ward, shipped

BEFORE_SEVEN = datetime(2026, 11, 25, 11, 55, tzinfo=UTC)  # Wednesday 06:55 in New York
SHEETS = {"on-call-sheet.html", "on-call-sheet.pdf", "call-form.html", "call-form.pdf"}


async def on_paper(ward: Ward, name: str = "on-call-sheet") -> str:
    house = ward.house
    kit = kit_of(shipped(), await house.register.directory(), house.hospital, house.clock.now())
    return html_of(kit[name])


async def test_the_sheet_is_written_anew_at_a_hand_over_and_not_between(tmp_path: Path) -> None:
    folder = tmp_path / "paper"
    async with open_ward(BEFORE_SEVEN) as ward:
        assert paper_chores(ward.house) == [], "without a folder there is none"
        named = ward.house.config.model_copy(update={"paper": PaperPart(folder=folder)})
        [chore] = paper_chores(replace(ward.house, config=named))
        await chore.do()
        assert {path.name for path in folder.iterdir()} == SHEETS, "and nothing half-written beside them"
        assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {MODE}
        first = (folder / "on-call-sheet.html").read_text()
        written_at = (folder / "on-call-sheet.pdf").stat().st_mtime_ns
        await ward.pass_time("4m")
        await chore.do()
        assert (folder / "on-call-sheet.pdf").stat().st_mtime_ns == written_at
        await ward.pass_time("22m")
        await chore.do()
        assert (folder / "on-call-sheet.html").read_text() != first
        assert (folder / "on-call-sheet.pdf").stat().st_mtime_ns != written_at
        (folder / "call-form.html").unlink()
        await chore.do()
        assert {path.name for path in folder.iterdir()} == SHEETS, "a sheet that is gone comes back"


async def test_it_names_who_is_on_and_who_comes_next_with_their_numbers_over_a_hand_over() -> None:
    async with open_ward(BEFORE_SEVEN) as ward:
        people = (await ward.house.register.directory()).clinicians
        night, day = (
            tier_shifts(shipped().rota, "pump-team/primary", at)[0].person
            for at in (BEFORE_SEVEN, BEFORE_SEVEN.replace(hour=13))
        )
        before = await on_paper(ward)
        row = before.partition("<td>Pump team, primary</td>")[2].partition("</tr>")[0]
        now, then = row.split("<td>")[1:4], row.rpartition("<td>")[2]
        assert people[night].name in now[0]
        assert all(phone.number in now[1] for phone in people[night].phones)
        assert people[day].name in then
        assert all(phone.number in then for phone in people[day].phones)
        assert "Valid until Wed 25 Nov 07:00" in before
        await ward.pass_time("25m")
        row = (await on_paper(ward)).partition("<td>Pump team, primary</td>")[2].partition("</tr>")[0]
        assert people[day].name in row.split("<td>")[1]
        assert people[night].name not in row.split("<td>")[1]


async def test_the_steps_on_paper_are_those_of_the_table() -> None:
    async with open_ward(BEFORE_SEVEN) as ward:
        sheet = await on_paper(ward)
    emergency = sheet.partition("EMERGENCY. Ring each")[2].partition("</table>")[0]
    for after, whom in (
        ("at once", "Pump team, primary"),
        ("after 3 minutes", "Pump team, attending"),
        ("after 6 minutes", "the service for what is suspected"),
        ("after 8 minutes", "everybody on this sheet and Operator"),
    ):
        assert f"<td>{after}</td><td>{whom}</td>" in emergency
    assert "<td>cannot tell which</td><td>Neurocritical and Anaesthesia pain</td>" in sheet
    assert "the board, New call" in sheet


async def test_the_form_asks_the_danger_questions_in_two_languages_and_holds_no_patient() -> None:
    async with open_ward(BEFORE_SEVEN) as ward:
        await ward.phone("mum of Leo").texts("he is so itchy and stiff, his alarm is beeping")
        form, sheet = await on_paper(ward, "call-form"), await on_paper(ward)
        patient = await ward.house.register.patient("leo")
    core = [question for question in shipped().rulebook.questions if question.core]
    for question in core:
        assert question.text["en"].partition(" Reply ")[0] in form
        assert question.text["es"].partition(" 1 sí")[0] in form
    assert "Reply" not in form
    assert "1 sí" not in form
    assert patient is not None
    for word in (patient.name, "alarm is beeping", "Leo", "+16175550142"):
        assert word not in form + sheet
