"""What is asked and told when an edition waits for whoever comes on (`when_proven`).

No word of any patient. Deliberately not here: sending, and what an answer leads to.
"""

from __future__ import annotations

from datetime import datetime

from oncall.core.case.facts import Directory
from oncall.core.case.messages import Channel
from oncall.core.notices import About, Choice, Notice
from oncall.core.people import Clinician, Hospital
from oncall.core.rota.difference import Move, people_in_words
from oncall.core.rota.spans import in_words, moment_in_words
from oncall.core.rota.stints import tier_in_words
from oncall.core.rota.waiting import State, Waiting, who_goes_off
from oncall.service.cases.board import name_of
from oncall.service.rota.preview import Preview
from oncall.service.telling import text_number

YES, NO = "yes", "no"
CHOICES = (Choice("1", YES), Choice("2", NO))
THE_LINE = "the line"
DECLINED, SILENT = "{} cannot.", "{} did not answer the test page."


def test_pages(
    waiting: Waiting, person: Clinician, about: About, found: Preview, directory: Directory, now: datetime
) -> list[Notice]:
    """By text, where texts arrive, and by call together, as an emergency would come."""
    own = [move for move in found.moves if person.id in move.after and person.id not in move.before]
    if not own:
        return []
    duty, stays = _duty(found, own[0]), _stays(found, now)
    by, number = name_of(waiting.by, directory), text_number(person)
    text = f"TEST PAGE. {by} puts you on call: {duty}. Reply {{1}} if you have it, {{2}} if you cannot. {stays}"
    call = (
        f"TEST. This is the pump line, for {person.spoken}. Nobody is waiting for you. {by} puts you on call: {duty}. "
        f"If you have it, press 1. If you cannot, press 2. {stays}"
    )
    wanted = [(Channel.SMS, number, text)] if number else []
    wanted.append((Channel.VOICE, person.phones[0].number, call))
    return [
        Notice(
            about,
            to,
            channel,
            said,
            waiting.by,
            person=person.id,
            choices=CHOICES,
            is_test=True,
            rings=2,
            expires_at=waiting.until,
        )
        for channel, to, said in wanted
    ]


def _duty(found: Preview, move: Move) -> str:
    rotation = found.after.rotations[move.tier.partition("/")[0]]
    return f"{tier_in_words(found.after, move.tier)}, {in_words(move.span, rotation.zone)}"


def _stays(found: Preview, now: datetime) -> str:
    people = who_goes_off(found.moves, now)
    if not people:
        return "Until you answer nothing changes."
    return f"Until you answer {people_in_words(found.before, people)} {'stays' if len(people) == 1 else 'stay'} on."


def reason(waiting: Waiting, directory: Directory, hospital: Hospital) -> str:
    """As it stands beside the edition; of two alike the minute differs."""
    people = " and ".join(name_of(one, directory) for one in waiting.people)
    asked = moment_in_words(waiting.asked_at, hospital.zone)
    return "; ".join(filter(None, (waiting.reason, f"{people} answered the test page of {asked}")))


def news(waiting: Waiting, state: State, note: str, directory: Directory) -> str:
    """What whoever pressed the button hears."""
    if state is State.PUBLISHED:
        people = " and ".join(name_of(one, directory) for one in waiting.people)
        return f"{people} answered the test page: your change of the rota is in force."
    kept = "Who is on call has not changed; the draft is kept. See the rota page."
    return " ".join(filter(None, ("The change of the rota was NOT published.", note, kept)))
