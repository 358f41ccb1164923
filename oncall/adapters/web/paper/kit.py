"""The paper on which a ward goes on when the line is down: who is on with every number, and a form for a call.

Made from the rota and the register as they stand, written anew at each hand-over into a folder from which it is
printed; the same blocks as HTML and as PDF. It holds the team's telephones and nothing of any patient; the form is
blank. Deliberately not here: printing itself, and carrying the folder to another machine.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from oncall.adapters.web.paper.files import pdf_of
from oncall.adapters.web.paper.sheets import Block, Facts, Heading, Paper, Table, Words
from oncall.adapters.web.rendering import environment
from oncall.adapters.web.rota.prints import next_people, numbers_of, valid_until
from oncall.core.case.facts import Directory
from oncall.core.handbook import Handbook
from oncall.core.people import Hospital
from oncall.core.triage.questions import Question
from oncall.service.cases.board import Tier, tiers_now
from oncall.service.rota.escalation_words import rounds_in_words, services_in_words, steps_in_words
from oncall.service.rota.span_words import moment_words

MODE = 0o640  # the team's own telephones: for this account and its group
LINE, SHORT, BOXES = "\n" + "_" * 60, "\n" + "_" * 24, "[  ] yes   [  ] no   [  ] not sure"
TRIES = 7  # empty lines for whom was rung
FIRST = (  # as the line itself says it first: rules/advice.yaml, voice_first
    "If they cannot wake up or cannot breathe well: call {number} now.",
    "Si no despierta o respira mal: llame al {number} ahora.",
)
AFTERWARDS = (
    "When the line is up again, enter every form that was written meanwhile: on the board, New call. Copy the family's "
    "words, the answers and the number to call back; write under who took the call who it was, and in the words when.",
    "An entered call pages like any other. If a clinician has it already, let that clinician take it at the first page "
    "and close it with the outcome; if not, let it page.",
    "Then put the form where the hospital keeps its records. Nothing is thrown away until somebody has checked that "
    "each form has its case.",
)


def kit_of(handbook: Handbook, directory: Directory, hospital: Hospital, at: datetime) -> dict[str, Paper]:
    """Both sheets by the names of their files. Blocks change only when what they say does."""
    foot = f"{hospital.name}. Made {moment_words(at, hospital.zone)} {at:%Y}, edition {handbook.edition[:8]}."
    return {
        "on-call-sheet": Paper("Pump line: on-call sheet", foot, at, _on_call(handbook, directory, hospital, at)),
        "call-form": Paper("Pump line: form for a call", foot, at, _form(handbook, hospital)),
    }


# --- the sheet -------------------------------------------------------------------------------------------------------


def _on_call(handbook: Handbook, directory: Directory, hospital: Hospital, at: datetime) -> tuple[Block, ...]:
    rota, table = handbook.rota, handbook.table
    tiers = tiers_now(rota, directory, at)
    until = valid_until(tiers, at)
    told = f"Valid until {moment_words(until, hospital.zone)}; then" if until else "Valid until the rota changes; then"
    services = services_in_words(table, rota)
    return (
        Heading("Pump line: who is on, and numbers", 1),
        Words(f"{told} take the newest sheet.", bold=True),
        Words(f"Families ring {hospital.line}. Operator {hospital.operator}."),
        Words(f"In danger of life {hospital.emergency_number}.", bold=True),
        Table(("Tier", "On now", "Number", "Until", "Next"), _rows(handbook, directory, hospital, at), (0.2,) * 5),
        Heading("When the line is down: whom to ring, when"),
        Words("Any yes, any not sure, any question not asked, any pump alarm, or doubt: EMERGENCY.", bold=True),
        Words(f"EMERGENCY. {rounds_in_words(table.emergency)}"),
        Table(("From the first ring", "Ring"), steps_in_words(table.emergency, rota), (0.25, 0.75)),
        Words(f"All three questions asked and answered no: URGENT. {rounds_in_words(table.urgent)}"),
        Table(("From the first ring", "Ring"), steps_in_words(table.urgent, rota), (0.25, 0.75)),
        *([Table(("Suspected", "Service"), services, (0.5, 0.5))] if services else []),
        Words("Nobody answers at a tier, or nobody is on: the next tier at once. Voicemail is no answer."),
        Heading("Afterwards"),
        *(Words(sentence) for sentence in AFTERWARDS),
        *_unsigned(handbook),
    )


def _rows(handbook: Handbook, directory: Directory, hospital: Hospital, at: datetime) -> list[tuple[str, ...]]:
    tiers, numbers = tiers_now(handbook.rota, directory, at), numbers_of(directory)
    following = next_people(handbook.rota, directory, at)
    rows = []
    for tier in tiers:
        then = _then(tier, numbers.get(following.get(tier.tier, ""), ()), hospital)
        nobody = "by day only" if tier.is_by_day_only else "NOBODY: the next tier"
        rows += [
            (
                tier.title,
                person.name,
                _told(numbers.get(person.person, ())),
                moment_words(person.until, hospital.zone) if person.until else "always",
                then,
            )
            for person in tier.people
        ] or [(tier.title, nobody, "", "", then)]
    return rows


def _then(tier: Tier, numbers: Sequence[str], hospital: Hospital) -> str:
    if tier.next_name is None or tier.next_at is None:
        return "no change within 8 days"
    return f"{tier.next_name}, {moment_words(tier.next_at, hospital.zone)}, {_told(numbers)}"


def _told(numbers: Sequence[str]) -> str:
    return ", ".join(numbers) or "no number"


# --- the form --------------------------------------------------------------------------------------------------------


def _form(handbook: Handbook, hospital: Hospital) -> tuple[Block, ...]:
    core = [question for question in handbook.rulebook.questions if question.core]
    return (
        Heading("Pump line: form for a call while the line is down", 1),
        *(Words(sentence.format(number=hospital.emergency_number), bold=True) for sentence in FIRST),
        Facts((("Date and time", SHORT), ("Taken by", LINE), ("Number to call back", f"{SHORT}   read back [  ]"))),
        Heading("S  What has happened, in their words"),
        *(Words(f"{LINE}{LINE[1:30]}") for _ in range(3)),
        Facts((("Who calls", LINE), ("Patient, born", LINE), ("Language", f"{SHORT}   interpreter [  ]"))),
        Heading("Danger: ask all three. Not sure counts as yes"),
        *(Words(f"{place}. {said}") for place, question in enumerate(core, 1) for said in _asked(question)),
        *_unsigned(handbook),
        Heading("B  What is known"),
        Facts(
            (
                ("Pump beeps", "[  ] one tone   [  ] two tones   [  ] not sure   [  ] no"),
                ("Last refill, next due", LINE),
                ("Last change of the pump", LINE),
            )
        ),
        Heading("A  What it is taken for"),
        Facts(
            (("Urgency", "[  ] EMERGENCY (any yes or not sure)   [  ] URGENT (all no)   Only a clinician lowers it"),)
        ),
        Heading("R  What was done"),
        Facts((("Told to call", f"{hospital.emergency_number} [  ]   at {SHORT[1:]}"),)),
        Table(
            ("Time", "Rung: name, number", "Answered by voice", "Takes it (name)"),
            (tuple("\n" + "_" * length for length in (10, 34, 12, 22)),) * TRIES,
            (0.14, 0.42, 0.18, 0.26),
        ),
        Facts((("Family reached at", SHORT), ("Outcome", LINE), ("Entered in the line", f"{SHORT}   by {SHORT[1:]}"))),
    )


def _asked(question: Question) -> tuple[str, ...]:
    """The question without its digits in English, with the boxes, and in Spanish below."""
    english = question.text.get("en", question.code).partition(" Reply ")[0]
    spanish = question.text.get("es", "").partition(" 1 sí")[0]
    return (f"{english}   {BOXES}", *([spanish] if spanish else []))


def _unsigned(handbook: Handbook) -> tuple[Block, ...]:
    if not handbook.unsigned:
        return ()
    return (Words(f"Not signed by a clinician: {', '.join(handbook.unsigned)}.", small=True),)


# --- the folder ------------------------------------------------------------------------------------------------------


async def write_kit(folder: Path, kit: Mapping[str, Paper]) -> list[Path]:
    """Each sheet as HTML and PDF, whole or not at all; the HTML first, because it needs least. Raises OSError."""
    pages = {f"{name}.html": html_of(paper).encode() for name, paper in kit.items()}
    written = [await asyncio.to_thread(_put, folder, name, content) for name, content in pages.items()]
    for name, paper in kit.items():
        written.append(await asyncio.to_thread(_put, folder, f"{name}.pdf", await pdf_of(paper)))
    return written


def html_of(paper: Paper) -> str:
    """One document that needs nothing beside it."""
    blocks = [(type(block).__name__, block) for block in paper.blocks]
    return environment.get_template("paper.html").render(paper=paper, blocks=blocks)


def _put(folder: Path, name: str, content: bytes) -> Path:
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o750)  # a service's umask would shut its group out
    with NamedTemporaryFile(dir=folder, prefix=f".{name}-", delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), MODE)
            os.replace(file.name, folder / name)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    return folder / name


class PaperKit:
    """Keeps a folder as the rota and the register are."""

    def __init__(self, folder: Path, make: Callable[[], Awaitable[Mapping[str, Paper]]]) -> None:
        self._folder, self._make = folder, make
        self._last: dict[str, Sequence[Block]] = {}

    async def look(self) -> None:
        """Write it when anything on it has changed since the last time, or a sheet is gone."""
        kit = await self._make()
        said = {name: paper.blocks for name, paper in kit.items()}
        if said == self._last and await asyncio.to_thread(self._is_there, kit):
            return
        await write_kit(self._folder, kit)
        self._last = said

    def _is_there(self, kit: Mapping[str, Paper]) -> bool:
        return all((self._folder / f"{name}.{kind}").exists() for name in kit for kind in ("html", "pdf"))
