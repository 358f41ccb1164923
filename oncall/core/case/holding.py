"""A named clinician takes a case, and what taking promises.

An acknowledgement stops every other ring and starts the next clock: the family must be reached. It is a promise, not
a mute (law 4). Passing on, undoing and closing are people's acts and carry their names (law 7). Deliberately not
here: how the person proved to be one (the accept digit, the reply's code, the button).
"""

from __future__ import annotations

from datetime import timedelta

from oncall.core.case import entries as e
from oncall.core.case.bridging import ask, connect, end_bridge, summon
from oncall.core.case.case import ClockKind, Page, Status
from oncall.core.case.commands import (
    Acknowledge,
    AddNote,
    AddService,
    ConfirmInformed,
    PassOn,
    ReachFamily,
    Resolve,
    RingIn,
    TellStaff,
    Undo,
)
from oncall.core.case.draft import Draft
from oncall.core.case.echoes import echo, not_yours, slot_of, taken_at
from oncall.core.case.handover import decline_offer, is_offered_to, not_me
from oncall.core.case.promises import is_day, keep_posted, next_doctor, next_morning, next_working_day, promise
from oncall.core.case.rounds import (
    catch_up,
    join_next_tier,
    move_round,
    new_page,
    order_page,
    policy_of,
    ring_everyone,
    stand_down,
    start_round,
    stop_person,
    stop_rings,
)
from oncall.core.case.tiers import Target, people_for
from oncall.core.case.wording import clock_time
from oncall.core.triage.assessment import Urgency

PAGING_CLOCKS = (
    ClockKind.CALL_START,
    ClockKind.HANG_UP,
    ClockKind.STEP,
    ClockKind.ROUND,
    ClockKind.RING,
    ClockKind.PROMISE,
    ClockKind.STATUS,
    ClockKind.SILENCE,
    ClockKind.MORNING,
    ClockKind.UNTAKEN,
    ClockKind.TASK,
    ClockKind.TASK_PAGE,
    ClockKind.HOLDER_SILENT,
    ClockKind.REVIEW,
)
OUTCOMES = {
    "1": "advised 911",
    "2": "sent to the emergency room",
    "3": "clinic visit",
    "4": "phone advice",
    "5": "could not reach the family",
    "6": "not a pump problem",
}
CAUSES = (
    "low reservoir",
    "pump stopped or critical alarm",
    "missed or late refill",
    "catheter",
    "infection",
    "too much drug",
    "another illness",
    "unknown",
)


def acknowledge(draft: Draft, command: Acknowledge) -> None:
    """Take the case. Who comes late is told who has it; a holder who presses again ends his own re-page."""
    case, holder = draft.case, draft.case.holder
    known = draft.facts.clinician(command.person)
    if known is not None and known.is_shared:
        informed_by_shared_phone(draft, command)
        return
    if case.status is Status.HELD and is_offered_to(case, command.person):
        echo(draft, command.person, "echo_say_back")
        draft.answer["say_back"] = True
        return
    if case.status is Status.HELD and holder is not None and holder.person != command.person:
        late(draft, command.person)
        return
    if case.status is Status.HELD and holder is not None:
        draft.end_clock(ClockKind.HOLDER_SILENT)
        if case.unreached_since is not None and case.clock(ClockKind.FAMILY_REACHED) is None:
            draft.set_clock(ClockKind.FAMILY_REACHED, reach_wait(draft))
        stop_rings(draft)
        echo(draft, command.person, "echo_already_yours")
        draft.answer["taken"] = True
        if command.connect:
            _connect(draft, command)
        return
    take(draft, command)


def informed_by_shared_phone(draft: Draft, command: Acknowledge) -> None:
    """A charge phone never takes a case by itself; what it can say is that it knows (RULINGS 4)."""
    page = next((page for page in draft.case.pages if page.person == command.person), None)
    if page is not None:
        draft.write(e.Informed(page.id, command.how))
    draft.answer["informed"] = True


def reach_wait(draft: Draft) -> timedelta:
    """How long after taking the family must be reached; an office request has until its own promised hour."""
    if draft.case.pace is not Urgency.ROUTINE:
        return policy_of(draft.case).reach_family
    wait = draft.case.pinned.same_day.reach_family
    return max(wait, (draft.case.promised_at or draft.at) - draft.at)


def take(draft: Draft, command: Acknowledge) -> None:
    person, before = command.person, draft.case.holder
    page = draft.case.page(command.page) or draft.case.page_of(person)
    if page is None:
        page = _page_for_taker(draft, person)
    draft.write(e.Acknowledged(person, page.id if page else None, command.how))
    stop_rings(draft)
    draft.end_clocks(*PAGING_CLOCKS)
    by = draft.at + reach_wait(draft)
    draft.set_clock_at(ClockKind.FAMILY_REACHED, by)
    draft.write(e.Promised("the doctor calls", by))
    name = draft.facts.name_of(person)
    draft.tell_family("taken", name=name, by=draft.family_hour(by))
    stand_down(draft, name, person)
    if before is not None and before.person != person and draft.case.page_of(before.person) is None:
        echo(draft, before.person, "echo_late", name=name, time=taken_at(draft))
    echo(draft, person, "echo_taken", by=draft.hour(by))
    draft.answer["taken"] = True
    if command.connect:
        _connect(draft, command)


def _connect(draft: Draft, command: Acknowledge) -> None:
    """Key 1: the family now, on the call he is on, or on one that we place."""
    ask(draft, command.person, call=command.call)
    if command.call is not None:
        summon(draft)
    else:
        connect(draft, command.person)


def _page_for_taker(draft: Draft, person: str) -> Page | None:
    """Who takes a case without having been paged still gets a slot, so that he can answer by text."""
    known = draft.facts.clinician(person)
    if known is None:
        return None
    return new_page(draft, known, Target(person, "taken from the board", "took it unasked"), informs=False)


def late(draft: Draft, person: str) -> None:
    """Somebody else has it; who was added to help him is on it from now and is rung no more."""
    holder = draft.case.holder
    name = draft.facts.name_of(holder.person) if holder else ""
    draft.answer["late"] = name
    page = draft.case.page_of(person)
    if page is not None and holder is not None and holder.came_before(page):
        draft.write(e.PageQuieted(page.id, declined=False, why="answered"))
        draft.end_clock(ClockKind.RING, page.id)
        stop_person(draft, person)
        echo(draft, person, "echo_joined", name=name)
        draft.answer["joined"] = name
        return
    may_take = draft.case.status is Status.HELD and slot_of(draft, person)
    echo(draft, person, "echo_late_take" if may_take else "echo_late", name=name, time=taken_at(draft))


def after_closing(draft: Draft, person: str) -> None:
    """Any act on a closed case: say who closed it and when; nothing changes."""
    closed = draft.case.closed
    if closed is None:
        return
    draft.answer["closed"] = True
    echo(
        draft,
        person,
        "echo_closed",
        name=draft.facts.name_of(closed.person),
        time=clock_time(closed.at, draft.facts.hospital),
    )


def pass_on(draft: Draft, command: PassOn) -> None:
    """The next tier is paged at once. A holder who passes on gives the case back; it climbs from where it was."""
    page, holder = draft.case.page_of(command.person), draft.case.holder
    if command.not_me:
        not_me(draft, command.person, page, command.how)
    if page is not None and page.declined and draft.case.status is Status.PAGING:
        echo(draft, command.person, "echo_not_me" if command.not_me else "echo_passed")
        return
    if decline_offer(draft, command.person):
        return
    if draft.case.status is Status.HELD and holder and holder.person != command.person:
        late(draft, command.person)
        return
    if draft.case.status is Status.HELD:
        end_bridge(draft, "passed on")
        draft.write(e.Undone(command.person, f"passed on, {command.how}"))
        draft.end_clocks(ClockKind.FAMILY_REACHED, ClockKind.HOLDER_SILENT)
        resume_paging(draft)
    if page is not None:
        draft.write(e.PageQuieted(page.id, declined=True, why=f"passed on, {command.how}"))
        draft.end_clock(ClockKind.RING, page.id)
        stop_person(draft, command.person)
    if draft.case.status is Status.PAGING:
        join_next_tier(draft, f"passed on by {command.person}")
    echo(draft, command.person, "echo_not_me" if command.not_me else "echo_passed")


def undo(draft: Draft, command: Undo) -> None:
    """Within two minutes the holder gives it back; the case goes on at the step where it would be now."""
    holder = draft.case.holder
    if holder is None or holder.person != command.person or draft.case.status is not Status.HELD:
        not_yours(draft, command.person)
        return
    if draft.at - holder.at > draft.case.pinned.waits.undo:
        echo(draft, command.person, "echo_undo_late")
        return
    end_bridge(draft, "undone")
    draft.write(e.Undone(command.person, command.how))
    draft.end_clocks(ClockKind.FAMILY_REACHED, ClockKind.HOLDER_SILENT)
    page = draft.case.page_of(command.person)
    if page is not None:
        draft.write(e.PageQuieted(page.id, declined=True, why="undone"))
    echo(draft, command.person, "echo_undone")
    resume_paging(draft)


def resume_paging(draft: Draft) -> None:
    """A case that nobody holds any more climbs on, or waits as it did; the family is told."""
    if draft.case.round == 0:
        begin_again(draft)
        return
    if draft.case.pace is None:
        draft.write(e.PaceSet(Urgency.URGENT, "nobody knows yet how urgent it is"))
    if draft.case.pace is Urgency.SAME_DAY:
        started = draft.case.first_paged_at or draft.at
        draft.set_clock_at(ClockKind.UNTAKEN, started + (policy_of(draft.case).raise_after or timedelta(0)))
    promise(draft, given_back=True)
    ring_everyone(draft, "nobody holds it any more")
    catch_up(draft)
    if not any(page.ringing for page in draft.case.pages if not page.informs):
        join_next_tier(draft, "nobody who was reached is rung any more")
    next_word = draft.at + draft.case.pinned.waits.status_every
    draft.tell_family("undone", by=draft.family_hour(next_word))
    keep_posted(draft)


def begin_again(draft: Draft) -> None:
    """A case that was taken before anybody had been paged: it waits for its morning as before, or is paged now."""
    if draft.case.pace is Urgency.ROUTINE:
        draft.set_clock_at(ClockKind.TASK, next_working_day(draft, "task_due"))
    elif draft.case.pace is Urgency.SAME_DAY and not is_day(draft):
        draft.set_clock_at(ClockKind.MORNING, next_morning(draft))
    else:
        if draft.case.pace is None:
            draft.write(e.PaceSet(Urgency.URGENT, "nobody knows yet how urgent it is"))
        promise(draft, given_back=True)
        start_round(draft)
        if draft.case.pace is Urgency.SAME_DAY:
            draft.set_clock(ClockKind.UNTAKEN, policy_of(draft.case).raise_after or timedelta(0))
        keep_posted(draft)


def climb_again(draft: Draft, why: str) -> None:
    """A held case goes back to paging, its holder staying on it: the next tier is added at once (RULINGS 4, 10)."""
    draft.write(e.Reopened(why))
    draft.end_clocks(ClockKind.HOLDER_SILENT, ClockKind.FAMILY_REACHED)
    lazy = draft.case.pace in (None, Urgency.ROUTINE, Urgency.SAME_DAY)
    if lazy:
        draft.write(e.PaceSet(Urgency.URGENT, why))
    promise(draft)
    if lazy or draft.case.round == 0:
        start_round(draft)
    else:
        move_round(draft)
        ring_everyone(draft, why)
        catch_up(draft)
    next_doctor(draft)


def reach_family(draft: Draft, command: ReachFamily) -> None:
    """The family has been spoken to: the clinician's word, or a key on the family's leg."""
    holder = draft.case.holder
    if holder is None or holder.person != command.person:
        not_yours(draft, command.person)
        return
    if draft.case.status is Status.PAGING:  # it had climbed again, its holder staying on it
        draft.write(e.Acknowledged(command.person, holder.page, command.how))
        draft.end_clocks(*PAGING_CLOCKS)
        stand_down(draft, draft.facts.name_of(command.person), command.person)
    draft.write(e.FamilyReached(command.person, command.how))
    draft.end_clocks(ClockKind.FAMILY_REACHED, ClockKind.HOLDER_SILENT, ClockKind.RING)
    stop_rings(draft)
    echo(draft, command.person, "echo_reached")


def resolve(draft: Draft, command: Resolve) -> None:
    """Close with an outcome. Only the holder, or anybody named when nobody holds it (a task done)."""
    holder = draft.case.holder
    if holder is not None and holder.person != command.person:
        not_yours(draft, command.person)
        return
    if not command.outcome:
        echo(draft, command.person, "echo_outcome")
        return
    stop_rings(draft)
    end_bridge(draft, "closed")
    told = (command.outcome, command.note, command.cause, command.follow_up, command.needed)
    draft.write(e.Closed(command.person, *told))
    draft.tell_family("closed", name=draft.facts.name_of(command.person))
    echo(draft, command.person, "echo_done")
    draft.answer["closed"] = True


def add_note(draft: Draft, command: AddNote) -> None:
    """Words of a clinician are kept, and said back as what they are: a note."""
    draft.write(e.NoteAdded(command.person, command.words))
    echo(draft, command.person, "echo_note")


def add_service(draft: Draft, command: AddService) -> None:
    """A second service is paged; the holder keeps the case."""
    for target in people_for(command.rotation, draft.handbook, draft.at, draft.case.assessment, draft.case.findings):
        person = draft.facts.clinician(target.person)
        if person and person.phones and draft.case.page_of(person.id) is None:
            order_page(draft, person, target, policy_of(draft.case).steps[0].voice)
    draft.notice(f"{command.person} added {command.rotation}, {command.how}")
    echo(draft, command.person, "echo_service", service=command.rotation)


def confirm_informed(draft: Draft, command: ConfirmInformed) -> None:
    """A shared phone knows. Nothing stops (RULINGS 4)."""
    draft.write(e.Informed(command.page, command.how))
    draft.answer["informed"] = True


def tell_staff(draft: Draft, command: TellStaff) -> None:
    draft.tell_person(
        command.person,
        command.sentence,
        to=command.to,
        **dict(command.blanks),
        slot=slot_of(draft, command.person),
    )


def ring_in(draft: Draft, command: RingIn) -> None:
    """Acts on nothing: the story shows it, and the carrier's list brings nothing that the line did not know."""
    draft.notice(f"the line was rung from the telephone of {draft.facts.name_of(command.person)}")
