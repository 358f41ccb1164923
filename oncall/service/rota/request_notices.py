"""What goes out for a request: the question to each who is asked, and the news to all concerned.

A question is a text, or a call by day where texts do not arrive; who shall replace somebody now is asked by text at
once and by voice after five minutes. Each is ordered again and again and sent once, by the notices' own ids.
Deliberately not here: what an answer leads to (`requests`), and sending (`messenger`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain

from oncall.core.case.facts import Directory
from oncall.core.case.messages import Channel
from oncall.core.handbook import Handbook
from oncall.core.notices import About, Choice, Notice, Standing
from oncall.core.people import Clinician
from oncall.core.rota import request_words as words
from oncall.core.rota.requests import CALL_AFTER, THE_LINE, TURN, Kind, Request, State
from oncall.service.telling import by_day, text_number, told_coordinators, written_to

QUESTION, NEWS, COORDINATORS = "rota-request", "rota-request-news", "rota-request-coordinators"
YES, NO = "yes", "no"
CHOICES = (Choice("1", YES), Choice("2", NO))


def names_of(directory: Directory) -> dict[str, str]:
    return {person.id: person.name for person in directory.clinicians.values()}


def questions(
    request: Request, directory: Directory, handbook: Handbook, asked: Sequence[Notice], now: datetime
) -> list[Notice]:
    """What must be out to everybody whose answer is waited for; `asked` are the notices so far."""
    people = (directory.clinicians.get(person) for person in request.asked_now)
    by_person = (_to_one(request, person, directory, handbook, asked, now) for person in people if person is not None)
    return list(chain.from_iterable(by_person))


def _to_one(
    request: Request,
    person: Clinician,
    directory: Directory,
    handbook: Handbook,
    every: Sequence[Notice],
    now: datetime,
) -> Iterable[Notice]:
    asked = [one for one in every if one.person == person.id]
    number = text_number(person)
    has_failed = any(one.channel is Channel.SMS and one.standing is Standing.FAILED for one in asked)
    is_late = request.kind is Kind.REPLACE and now - request.turn_at >= CALL_AFTER
    if number is not None and not any(one.channel is Channel.SMS for one in asked):
        yield _text(request, person, number, directory, handbook)
    if person.phones and (number is None or has_failed or is_late):
        yield from _call(request, person, directory, handbook, asked, now)


def _text(request: Request, person: Clinician, number: str, directory: Directory, handbook: Handbook) -> Notice:
    asks = words.question(request, handbook.rota, names_of(directory))
    return _asking(request, person, number, Channel.SMS, asks)


def _call(
    request: Request, person: Clinician, directory: Directory, handbook: Handbook, asked: list[Notice], now: datetime
) -> Iterable[Notice]:
    """To one number after the other, as long as the carrier takes none of them."""
    calls = {one.to: one for one in asked if one.channel is Channel.VOICE}
    if any(one.standing is not Standing.FAILED for one in calls.values()):
        return
    to = next((phone.number for phone in person.phones if phone.number not in calls), None)
    if to is None:
        return
    spoken = {known.id: known.spoken for known in directory.clinicians.values()}
    asks = words.spoken_question(request, handbook.rota, names_of(directory), spoken)
    is_now = request.kind is Kind.REPLACE
    at = now if is_now else by_day(now, handbook.table.hours, handbook.rota.zone)
    if at < _until(request):
        yield _asking(request, person, to, Channel.VOICE, asks, not_before=at, rings=2)


def _asking(request: Request, person: Clinician, to: str, channel: Channel, asks: str, **how: object) -> Notice:
    return Notice(
        About(QUESTION, request.id),
        to,
        channel,
        asks,
        request.entered_by,
        person=person.id,
        choices=CHOICES,
        expires_at=_until(request),
        **how,  # type: ignore[arg-type]
    )


def _until(request: Request) -> datetime:
    return request.turn_at + TURN if request.kind is Kind.REPLACE else request.lapses_at


def news(request: Request, directory: Directory, handbook: Handbook, now: datetime) -> list[Notice]:
    """How it ended, to the holder, to who was or is concerned, and where nobody took over to the coordinators."""
    about = About(NEWS, f"{request.id} {request.state.value}")
    told = words.news(request, handbook.rota, names_of(directory), now)
    concerned = dict.fromkeys((request.holder, request.taker, *_still_waiting(request), request.entered_by))
    people = (directory.clinicians.get(person) for person in concerned)
    found = [written_to(person, about, told, THE_LINE) for person in people if person is not None]
    if request.kind is Kind.REPLACE or request.state is State.REFUSED:
        found += _to_coordinators(directory, handbook, about, told, now)
    return [notice for notice in found if notice is not None]


def _still_waiting(request: Request) -> tuple[str, ...]:
    """Who was asked, or agreed, and would otherwise wonder; who said no has heard enough."""
    if request.kind is Kind.REPLACE:
        return ()
    return request.asked if request.kind is not Kind.ASK_ALL or request.state is State.PUBLISHED else ()


def to_coordinators(request: Request, directory: Directory, handbook: Handbook, now: datetime) -> list[Notice]:
    """What a coordinator must know or do while it is open."""
    rota, names = handbook.rota, names_of(directory)
    if request.kind is Kind.REPLACE:
        about, told = About(COORDINATORS, f"{request.id} {len(request.asked)}"), words.replacing(request, rota, names)
    else:
        about, told = About(COORDINATORS, request.id), words.awaits_approval(request, rota, names)
    return _to_coordinators(directory, handbook, about, told, now)


def _to_coordinators(directory: Directory, handbook: Handbook, about: About, told: str, now: datetime) -> list[Notice]:
    return told_coordinators(directory, handbook.rota, handbook.table.hours, about, told, THE_LINE, now)
