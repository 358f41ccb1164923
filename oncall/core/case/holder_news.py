"""News on a case that somebody holds: the holder hears of it at once, and danger rings him (RULINGS 4).

A held case is not a silent case. Any new report is a text to the holder and sets the clock for reaching the family
anew; a new danger sign, "worse", `0` or a higher urgency rings him, and three minutes later the case climbs again.
Deliberately not here: filing the report (`reporting`) and the climbing (`holding`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from oncall.core.case.case import Arrival, Case, ClockKind
from oncall.core.case.commands import TakeReport
from oncall.core.case.draft import Draft
from oncall.core.case.messages import Channel, Lane, Purpose
from oncall.core.case.rounds import policy_of
from oncall.core.case.wording import page_link
from oncall.core.reports import Finding
from oncall.core.triage.rulebook import is_danger

RINGS_HOLDER = frozenset({"getting_worse", "asked_for_person", "hospital_staff"})


def tell_holder(draft: Draft, command: TakeReport, new: Sequence[Finding], raised: bool) -> None:
    """News on a held case: a text at once, a fresh family-reached clock; danger rings (RULINGS 4)."""
    holder = draft.case.holder
    if holder is None:
        return
    by = restart_reaching(draft)
    page = draft.case.page_of(holder.person)
    draft.tell_person(
        holder.person,
        "holder_news",
        by=draft.hour(by),
        time=draft.hour(draft.at),
        link=f"{draft.facts.hospital.public_url}/p/{page.token}" if page else "",
    )
    _tell_the_offered(draft)
    if raised or _rings_holder(draft, new):
        ring_holder(draft)
    if command.arrival in (Arrival.TEXT, Arrival.NEW_CALL):
        draft.tell_family("holder_told", name=draft.facts.name_of(holder.person), by=draft.family_hour(by))


def _tell_the_offered(draft: Draft) -> None:
    """While the case is being handed over both hear what is new."""
    offer, name = draft.case.hand_over, draft.facts.name_of(draft.case.holder.person) if draft.case.holder else ""
    page = draft.case.page_of(offer.to) if offer else None
    if offer is not None and page is not None:
        link = page_link(page, draft.facts.hospital)
        draft.tell_person(offer.to, "offered_news", time=draft.hour(draft.at), name=name, link=link)


def restart_reaching(draft: Draft) -> datetime:
    """The family is to be reached anew, but never later than twice the reach time after their first unheard word:
    somebody who writes every few minutes must not keep a sleeping holder safe (docs/decisions/0004)."""
    reach = policy_of(draft.case).reach_family
    since = max(draft.case.unreached_since or draft.at, draft.case.holder.at if draft.case.holder else draft.at)
    by = max(min(draft.at + reach, since + 2 * reach), draft.at)
    draft.set_clock_at(ClockKind.FAMILY_REACHED, by)
    return by


def news_in(before: Case, drawn: Sequence[Finding]) -> tuple[Finding, ...]:
    """What was not said before; "worse" and "a person now" are news every time."""
    known = {finding.code for finding in before.findings if finding.heard.counts} - RINGS_HOLDER
    return tuple(finding for finding in drawn if finding.code not in known)


def _rings_holder(draft: Draft, new: Sequence[Finding]) -> bool:
    rulebook = draft.handbook.rulebook
    return any(
        finding.heard.counts and (finding.code in RINGS_HOLDER or is_danger(finding, rulebook)) for finding in new
    )


def ring_holder(draft: Draft) -> None:
    """Ring the holder by voice; three minutes without an answer and the case climbs again."""
    holder = draft.case.holder
    page = draft.case.page_of(holder.person) if holder else None
    person = draft.facts.clinician(holder.person) if holder else None
    if holder is None or person is None or not person.phones:
        draft.set_clock(ClockKind.HOLDER_SILENT, timedelta(0))
        return
    calls = draft.case.times_rung(page.id) if page else 0
    number = person.phones[calls % len(person.phones)].number
    draft.owe(
        Channel.VOICE,
        Purpose.PAGE,
        number,
        page=page.id if page else "",
        person=person.id,
        lane=Lane.EMERGENCY,
    )
    if draft.case.clock(ClockKind.HOLDER_SILENT) is None:  # an earlier one holds: more news must not put it off
        draft.set_clock(ClockKind.HOLDER_SILENT, draft.case.pinned.waits.holder_silent)
