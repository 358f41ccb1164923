"""A held case changes hands between named people: offered and said back, or taken by a colleague who confirms.

An offered case stays its holder's until the incoming clinician has said one line of what he takes over; until then he
is paged and both know. Whoever takes a case from its holder was told first who has it. Who says "not me" is rung no
more, the next tier is paged at once and the coordinator hears of it by day. Deliberately not here: the end of a turn
(`shift_end`).
"""

from __future__ import annotations

from datetime import datetime

from oncall.core.case import entries as e
from oncall.core.case.bridging import end_bridge
from oncall.core.case.case import Case, ClockKind, Page, Status
from oncall.core.case.commands import HandOverTo, SayBack, TakeFrom
from oncall.core.case.draft import Draft
from oncall.core.case.echoes import echo, not_yours
from oncall.core.case.facts import Facts
from oncall.core.case.holder_news import restart_reaching
from oncall.core.case.messages import Channel, Purpose
from oncall.core.case.promises import is_day, next_morning
from oncall.core.case.rounds import new_page, policy_of, ring, stop_person, stop_rings, told_just_now
from oncall.core.case.tiers import Target, people_for
from oncall.core.case.wording import page_link
from oncall.core.handbook import Handbook
from oncall.core.people import Clinician
from oncall.core.triage.assessment import Urgency

LINES = {
    "1": "the family still has to be called: I call them now",
    "2": "the family has been reached: I see to the next step",
    "3": "the family has been reached: I watch and they ring if it changes",
}
SHORTEST_LINE = 8  # letters: less than this says nothing back


def hand_over(draft: Draft, command: HandOverTo) -> None:
    """Offer the case: the incoming is paged, the holder stays the holder."""
    holder, incoming = draft.case.holder, draft.facts.clinician(command.to)
    if holder is None or holder.person != command.person:
        not_yours(draft, command.person)
        return
    if incoming is None or incoming.role != "clinician" or not incoming.phones or incoming.id == command.person:
        echo(draft, command.person, "echo_hand_over_whom")
        draft.answer["refused"] = True
        return
    _withdraw(draft, "offered to somebody else")
    draft.write(e.HandOverAsked(command.person, incoming.id, command.how, command.form))
    page_incoming(draft, incoming)
    echo(draft, command.person, "echo_offered", name=incoming.name)


def page_incoming(draft: Draft, incoming: Clinician, again: bool = False) -> None:
    """Text and voice at once, whatever the clock says: somebody waits to go home. `again`: minutes later."""
    page, holder = draft.case.page_of(incoming.id), draft.case.holder
    if page is None:
        target = Target(incoming.id, "hand-over", f"handed over by {holder.person if holder else 'nobody'}")
        page = new_page(draft, incoming, target, informs=False)
    elif not page.ringing:
        draft.write(e.PageResumed(page.id, "the case is handed over to him"))
        page = draft.case.page(page.id) or page
    if not told_just_now(draft, page):
        _offer_text(draft, page)
    ring(draft, page, again=again)


def _offer_text(draft: Draft, page: Page) -> None:
    number, holder = draft.text_number(page.person), draft.case.holder
    if number is None or holder is None:
        return
    words = draft.say(
        "offer_text" if page.slot is not None else "offer_text_no_slot",
        "en",
        urgency=(draft.case.pace or Urgency.URGENT).word.upper().replace("_", " "),
        name=draft.facts.name_of(holder.person),
        slot=str(page.slot or ""),
        link=page_link(page, draft.facts.hospital),
    )
    draft.owe(Channel.SMS, Purpose.PAGE, number, words, page=page.id, person=page.person)


def say_back(draft: Draft, command: SayBack) -> None:
    """The incoming's line moves the ownership; a line that says nothing moves nothing."""
    offer, holder = draft.case.hand_over, draft.case.holder
    if offer is None or holder is None or offer.to != command.person:
        not_yours(draft, command.person)
        return
    line = LINES.get(command.line.strip(), command.line.strip())
    if sum(char.isalpha() for char in line) < SHORTEST_LINE:
        echo(draft, command.person, "echo_say_back")
        draft.answer["say_back"] = True
        return
    before = holder.person
    draft.write(e.SaidBack(command.person, line))
    _becomes_holder(draft, command.person, None, command.how)
    echo(draft, before, "echo_clear", name=draft.facts.name_of(command.person))
    draft.answer["taken"] = True


def take_from(draft: Draft, command: TakeFrom) -> None:
    """Any clinician of the roster may take a held case, having been told who has it; that one is cleared."""
    holder, taker = draft.case.holder, draft.facts.clinician(command.person)
    if taker is None or taker.role != "clinician" or holder is None or holder.person == command.person:
        not_yours(draft, command.person)
        return
    if holder.person != command.holder:
        echo(draft, command.person, "echo_take_from", name=draft.facts.name_of(holder.person))
        draft.answer["late"] = draft.facts.name_of(holder.person)
        return
    before = holder.person
    if draft.case.page_of(taker.id) is None:
        new_page(draft, taker, Target(taker.id, "taken from a colleague", "took it from the holder"), informs=False)
    _becomes_holder(draft, taker.id, command.page, command.how)
    echo(draft, before, "echo_clear", name=taker.name)
    draft.answer["taken"] = True


def _becomes_holder(draft: Draft, person: str, page: str | None, how: str) -> None:
    """What both ways have in common; a family that still waits is told who calls and by when."""
    own = draft.case.page(page) or draft.case.page_of(person)
    unreached = draft.case.unreached_since is not None
    end_bridge(draft, "the case changed hands")
    draft.write(e.Acknowledged(person, own.id if own else None, how))
    stop_rings(draft)
    draft.end_clocks(*(clock.kind for clock in draft.case.clocks if clock.kind is not ClockKind.FAMILY_REACHED))
    name = draft.facts.name_of(person)
    if not unreached:
        echo(draft, person, "echo_taken_over")
        return
    by = restart_reaching(draft)
    draft.write(e.Promised("the doctor calls", by))
    draft.tell_family("taken", name=name, by=draft.family_hour(by))
    echo(draft, person, "echo_taken", by=draft.hour(by))


def decline_offer(draft: Draft, person: str) -> bool:
    """The incoming passes on: the holder keeps it. Whether there was an offer to decline."""
    offer = draft.case.hand_over
    if offer is None or offer.to != person:
        return False
    _withdraw(draft, "declined", declined=True)
    echo(draft, person, "echo_offer_declined")
    echo(draft, offer.person, "echo_keep", name=draft.facts.name_of(person))
    return True


def _withdraw(draft: Draft, why: str, declined: bool = False) -> None:
    offer = draft.case.hand_over
    if offer is None:
        return
    draft.write(e.HandOverEnded(offer.to, why, declined))
    page = draft.case.page_of(offer.to)
    if page is not None:
        draft.end_clock(ClockKind.RING, page.id)
        draft.write(e.PageQuieted(page.id, declined=False, why=f"hand-over {why}"))
    stop_person(draft, offer.to)


def not_me(draft: Draft, person: str, page: Page | None, how: str) -> None:
    """A page that went to the wrong person: counted, and a task for the coordinator by day."""
    if person in draft.case.wrong_people:
        return
    draft.write(e.WrongPerson(person, page.id if page else None, how))
    morning = None if is_day(draft) else next_morning(draft)
    for other in draft.facts.directory.clinicians.values():
        number = draft.text_number(other.id) if other.role == "coordinator" else None
        if number is None:
            continue
        words = draft.say("coordinator_wrong_person", "en", name=draft.facts.name_of(person))
        message = draft.owe(Channel.SMS, Purpose.STAFF, number, words, person=other.id)
        if morning is not None:
            draft.write(e.MessagePutOff(message.id, morning))


def colleagues(case: Case, facts: Facts, handbook: Handbook, at: datetime) -> tuple[Clinician, ...]:
    """Whom the holder may hand it to on the telephone: on call now, tier by tier, then who was paged; at most nine."""
    tiers = dict.fromkeys(tier for step in policy_of(case).steps for tier in step.tiers)
    on_call = [
        target.person for tier in tiers for target in people_for(tier, handbook, at, case.assessment, case.findings)
    ]
    asked = [page.person for page in case.pages if not page.informs]
    holder = case.holder.person if case.holder else ""
    known = (facts.clinician(person) for person in dict.fromkeys((*on_call, *asked)) if person != holder)
    return tuple(person for person in known if person and person.role == "clinician" and person.phones)[:9]


def named(words: str, facts: Facts) -> Clinician | None:
    """The clinician of this name ("osei", "Dr Osei", "dia"); None unless exactly one fits."""
    told = words.strip().lower().removeprefix("dr ").strip(" .")
    clinicians = [person for person in facts.directory.clinicians.values() if person.role == "clinician"]
    fitting = [person for person in clinicians if told in (person.id.lower(), *person.name.lower().split()[-1:])]
    return fitting[0] if len(fitting) == 1 and told else None


def is_offered_to(case: Case, person: str | None) -> bool:
    return case.hand_over is not None and case.hand_over.to == person and case.status is not Status.CLOSED
