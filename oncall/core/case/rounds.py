"""How a page climbs: ordering pages, reaching steps, ringing again, beginning the next round.

A step is never empty: whoever is missing, busy or cannot be trusted to hear is joined at once by the next tier
(law 6). Earlier tiers keep ringing while later ones are added, and after the last step the rounds begin again with
the last resort in every one. Deliberately not here: what ends all this (`holding`) and what a message's fate brings
(`delivery`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum

from oncall.core.case import entries as e
from oncall.core.case.case import Case, ClockKind, Page, Status
from oncall.core.case.draft import Draft
from oncall.core.case.escalation import Policy, Step
from oncall.core.case.messages import DELIVERY_WAIT, Channel, Lane, Message, Progress, Purpose, count_key
from oncall.core.case.tiers import Target, people_for, replaced, stand_ins, waits_for_a_yes
from oncall.core.case.wording import page_text, page_token
from oncall.core.people import Clinician, Phone
from oncall.core.rota.on_call import tier_shifts
from oncall.core.rota.working_days import LAST_RESORT
from oncall.core.triage.assessment import Urgency

SLOTS = tuple(slot for slot in range(10, 100) if slot not in (11, 91, 98, 99))  # none looks like 112, 911, 988, 999
BEING_REPLACED = "somebody of this tier is being replaced and nobody has taken over"
LATE = timedelta(seconds=60)  # a page this much after its due instant says so


def policy_of(case: Case) -> Policy:
    """The pinned policy in force; a pace that pages nobody climbs like an urgent one if it must climb at all."""
    pace = case.pace if case.pace not in (None, Urgency.ROUTINE) else Urgency.URGENT
    return case.pinned.policy(pace or Urgency.URGENT)


def start_round(draft: Draft) -> None:
    """Begin a round now: reach the first step, ring on everyone reached before."""
    number = draft.case.round + 1
    draft.write(e.RoundStarted(number, draft.at))
    for page in draft.case.pages:
        if _ordered_just_now(draft, page):
            continue  # reached in this very look after an outage: once is enough
        if page.informs:
            _inform(draft, page)
        elif draft.case.pace is Urgency.EMERGENCY or _is_on_duty(draft, page):
            _resume(draft, page, f"round {number}")
            send_text(draft, draft.case.page(page.id) or page)
            ring(draft, draft.case.page(page.id) or page, again=True)
    reach_step(draft, 0)


def _ordered_just_now(draft: Draft, page: Page) -> bool:
    return any(isinstance(r.entry, e.PageOrdered) and r.entry.page.id == page.id for r in draft.entries)


def next_round(draft: Draft) -> None:
    """The rounds go on for ever: everybody is resolved, texted and rung again (RULINGS 10)."""
    reached = draft.case.step
    start_round(draft)
    for index in range(1, min(reached, len(policy_of(draft.case).steps) - 1) + 1):
        reach_step(draft, index)


def reach_step(draft: Draft, index: int) -> None:
    """Page everybody whom this step means at this instant, then set the clock of the next."""
    policy = policy_of(draft.case)
    step = policy.steps[index]
    draft.write(e.StepReached(draft.case.round, index, step.tiers, _late_word(draft)))
    reached = {_page_target(draft, target, step) for tier in step.tiers for target in _targets(draft, tier)}
    for tier in step.inform:
        inform(draft, tier)
    _set_step_clock(draft, index)
    if Reach.HEARS not in reached:
        if reached <= {Reach.MISSING}:
            inform(draft, LAST_RESORT)
        join_next_tier(draft, ", ".join(sorted(reach.value for reach in reached)) or "nobody on duty")
    elif _is_being_replaced(draft, step):
        join_next_tier(draft, BEING_REPLACED)


def join_next_tier(draft: Draft, why: str) -> None:
    """Reach the next step now instead of at its time; does nothing after the last one."""
    index = draft.case.step + 1
    if index < len(policy_of(draft.case).steps):
        draft.notice(f"next tier at once: {why}")
        reach_step(draft, index)


def refresh_holders(draft: Draft) -> None:
    """Whoever has come on duty in a tier already reached is added; who went off is handled when his phone is due."""
    reached = policy_of(draft.case).steps[: draft.case.step + 1]
    for step in reached:
        for tier in step.tiers:
            for target in _targets(draft, tier):
                if draft.case.page_of(target.person) is None:
                    draft.notice(f"{target.person} came on duty for {target.tier}")
                    _page_target(draft, target, step)
    if reached and _is_being_replaced(draft, reached[-1]):
        join_next_tier(draft, BEING_REPLACED)


def _is_being_replaced(draft: Draft, step: Step) -> bool:
    """Somebody of this step cannot go on and nobody has taken over: the next tier does not wait (RULINGS 8)."""
    found = [target for tier in step.tiers for target in _rostered(draft, tier)]
    asked_in_the_rota = waits_for_a_yes(draft.handbook, found, draft.at)
    return asked_in_the_rota or bool(replaced(found, draft.facts.directory.replacing, draft.at))


def catch_up(draft: Draft) -> None:
    """Reach every step that is due by now; for an undo, an outage, a returning case."""
    started = draft.case.round_started_at or draft.at
    policy = policy_of(draft.case)
    for index in range(draft.case.step + 1, len(policy.steps)):
        if started + policy.steps[index].after > draft.at:
            break
        reach_step(draft, index)


def move_round(draft: Draft) -> None:
    """Count the round so that the next step is due now; after the last one, so that the next round is."""
    policy, index = policy_of(draft.case), draft.case.step + 1
    offset = policy.steps[index].after if index < len(policy.steps) else policy.next_round or timedelta(0)
    draft.write(e.RoundMoved(draft.at - offset))


def restart_clock_of_round(draft: Draft) -> None:
    """After a step back of the wall clock: the round counts from where its next step will now be due."""
    step, round_ = draft.case.clock(ClockKind.STEP), draft.case.clock(ClockKind.ROUND)
    policy, index = policy_of(draft.case), draft.case.step + 1
    if step is not None and index < len(policy.steps):
        draft.write(e.RoundMoved(step.due_at - policy.steps[index].after))
    elif round_ is not None and policy.next_round is not None:
        draft.write(e.RoundMoved(round_.due_at - policy.next_round))


def ring_everyone(draft: Draft, why: str) -> None:
    """Every page rings on from now: after an undo, or when a held case climbs again."""
    for page in draft.case.pages:
        if not page.informs and not page.declined:
            _resume(draft, page, why)
            ring(draft, draft.case.page(page.id) or page)
    _set_step_clock(draft, draft.case.step)


def _targets(draft: Draft, tier: str) -> tuple[Target, ...]:
    """Whoever is on, and whoever was asked to take over from them and has not yet."""
    found = _rostered(draft, tier)
    return (*found, *stand_ins(found, draft.facts.directory.replacing, draft.at))


def _rostered(draft: Draft, tier: str) -> tuple[Target, ...]:
    return people_for(tier, draft.handbook, draft.at, draft.case.assessment, draft.case.findings)


def _set_step_clock(draft: Draft, index: int) -> None:
    policy = policy_of(draft.case)
    started = draft.case.round_started_at or draft.at
    if index + 1 < len(policy.steps):
        draft.end_clock(ClockKind.ROUND)
        draft.set_clock_at(ClockKind.STEP, started + policy.steps[index + 1].after)
        return
    draft.end_clock(ClockKind.STEP)
    if policy.next_round is not None:
        draft.set_clock_at(ClockKind.ROUND, started + policy.next_round)


# --- one person ------------------------------------------------------------------------------------------------


class Reach(Enum):
    """What came of paging one person; only HEARS lets the next tier wait for its time."""

    HEARS = "paged"
    DOUBTFUL = "busy or no proven phone"
    ALREADY = "paged before in this round"
    MISSING = "no phone"


def _page_target(draft: Draft, target: Target, step: Step) -> Reach:
    person = draft.facts.clinician(target.person)
    if person is None or not person.phones:
        draft.notice(f"{target.person} has no phone in the register ({target.tier})")
        return Reach.MISSING
    page = draft.case.page_of(target.person)
    if page is None:
        order_page(draft, person, target, step.voice)
    elif page.round == draft.case.round or page.declined:
        return Reach.ALREADY  # who has passed it on since the round began hears nothing, however old the page is
    return Reach.HEARS if person.id not in draft.facts.busy and person.is_proven else Reach.DOUBTFUL


def order_page(draft: Draft, person: Clinician, target: Target, voice: timedelta | None) -> Page:
    """A new page: text at once, voice after `voice` (at once where texts do not arrive)."""
    page = new_page(draft, person, target, informs=False)
    text = send_text(draft, page)
    if text is not None and (voice is None or voice > DELIVERY_WAIT):
        draft.expect_delivery(text)  # a shorter wait rings by then anyway
    if voice is not None:
        wait = voice if text else timedelta(0)
        if wait:
            draft.set_clock(ClockKind.RING, wait, page.id)
        else:
            ring(draft, page)
    return page


def new_page(draft: Draft, person: Clinician, target: Target, informs: bool) -> Page:
    page_id = f"{draft.case.id}-{draft.case.version + 1}-{person.id}"
    page = Page(
        id=page_id,
        person=person.id,
        tier=target.tier,
        round=draft.case.round,
        ordered_at=draft.at,
        why=f"{target.why}; {_why_now(draft)}",
        slot=None if person.is_shared else free_slot(draft, person.id),
        token=page_token(page_id, draft.facts.hospital),
        informs=informs,
    )
    draft.write(e.PageOrdered(page))
    return page


def _why_now(draft: Draft) -> str:
    pace = draft.case.pace.word if draft.case.pace else "unknown urgency"
    return f"{pace}, round {draft.case.round}, step {draft.case.step + 1}, edition {draft.handbook.edition[:8]}"


def free_slot(draft: Draft, person: str) -> int | None:
    """Two digits not given to this person for seven days; None when all are out (the page then has the link only)."""
    taken = draft.facts.taken_slots.get(person, frozenset())
    return next((slot for slot in SLOTS if slot not in taken), None)


def send_text(draft: Draft, page: Page) -> Message | None:
    """Owe the page's text; None when no phone of this person takes texts."""
    number = draft.text_number(page.person)
    if number is None:
        return None
    n = 1 + draft.case.times_sent(count_key(page.id, Channel.SMS, number))
    body = page_text(draft.case, page, n, draft.at, draft.facts, draft.handbook, draft.delayed)
    purpose = Purpose.INFORM if page.informs else Purpose.PAGE
    return draft.owe(Channel.SMS, purpose, number, body, page=page.id, person=page.person)


def ring(draft: Draft, page: Page, again: bool = False, other_number: bool = False) -> None:
    """Call this person's next number now and set the clock of the next ring.

    While one of his phones still rings he is not rung twice, unless the ring is due `again`: no phone rings that long,
    so the carrier's word that it ended was lost (law 5). His `other_number`, rung because the first failed, belongs to
    the same ring: the table's clock runs on.
    """
    policy = policy_of(draft.case)
    busy = _rung_just_now(draft, page) if again else _still_ringing(draft, page)
    if not busy and (number := _next_number(draft, page)):
        purpose = Purpose.INFORM if page.informs else Purpose.PAGE
        draft.owe(Channel.VOICE, purpose, number, page=page.id, person=page.person)
    if policy.voice_again is not None:
        if not other_number or draft.case.clock(ClockKind.RING, page.id) is None:
            draft.set_clock(ClockKind.RING, policy.voice_again, page.id)
    else:
        draft.end_clock(ClockKind.RING, page.id)


def call(draft: Draft, page: Page) -> None:
    """One call and no clock: for whoever has the case and is to hear something."""
    if not _rung_just_now(draft, page) and not _still_ringing(draft, page) and (number := _next_number(draft, page)):
        draft.owe(Channel.VOICE, Purpose.PAGE, number, page=page.id, person=page.person)


def ring_due(draft: Draft, page_id: str) -> None:
    """A page's ring clock ran out: ring on, or let rest who went off duty in a case that is no emergency. Whoever is
    offered the case is rung until it is said back, whatever the rota says."""
    page = draft.case.page(page_id)
    draft.end_clock(ClockKind.RING, page_id)
    if page is None or not page.ringing:
        return
    offer = draft.case.hand_over
    if offer is not None and offer.to == page.person:
        ring(draft, page, again=True)
        return
    off_duty = not page.informs and not _is_on_duty(draft, page)
    if off_duty and draft.case.pace is not Urgency.EMERGENCY:
        draft.write(e.PageQuieted(page.id, declined=False, why="off duty"))
    else:
        ring(draft, page, again=True)
    refresh_holders(draft)


def _is_on_duty(draft: Draft, page: Page) -> bool:
    """On the rota, or beside somebody on it who cannot go on."""
    on = tuple(Target(shift.person, page.tier, "") for shift in tier_shifts(draft.handbook.rota, page.tier, draft.at))
    beside = stand_ins(on, draft.facts.directory.replacing, draft.at)
    return any(target.person == page.person for target in (*on, *beside))


def _still_ringing(draft: Draft, page: Page) -> bool:
    return any(
        state.message.channel is Channel.VOICE and not state.progress.is_over and not state.machine
        for state in draft.case.messages_of(page.id)
    )


def told_just_now(draft: Draft, page: Page) -> bool:
    """A missed promise and a round may be due in the same look: one text and one call are enough."""
    return any(isinstance(r.entry, e.MessageOwed) and r.entry.message.page == page.id for r in draft.entries)


def _rung_just_now(draft: Draft, page: Page) -> bool:
    """A ring and a round may be due at the same instant: one call is enough."""
    return any(
        isinstance(r.entry, e.MessageOwed)
        and r.entry.message.page == page.id
        and r.entry.message.channel is Channel.VOICE
        for r in draft.entries
    )


def _next_number(draft: Draft, page: Page) -> str | None:
    """His numbers in turn, leaving out those the carrier refused for good while another is left."""
    person = draft.facts.clinician(page.person)
    if person is None or not person.phones:
        return None
    calls = [s for s in draft.case.messages_of(page.id) if s.message.channel is Channel.VOICE]
    dead = {s.message.to for s in calls if s.progress is Progress.FAILED}
    usable: list[Phone] = [phone for phone in person.phones if phone.number not in dead] or list(person.phones)
    return usable[draft.case.times_rung(page.id) % len(usable)].number


def _resume(draft: Draft, page: Page, why: str) -> None:
    if not page.ringing:
        draft.write(e.PageResumed(page.id, why))


# --- the last resort ---------------------------------------------------------------------------------------------


def inform(draft: Draft, tier: str) -> None:
    """Tell the last resort, by text and voice together; once a round. It is there without any rota (law 6). Who was
    told of a pilot's case at its start hears it once more when the case itself has come so far."""
    nobody_rostered = (Target(LAST_RESORT, LAST_RESORT, "nobody is rostered as the last resort"),)
    for target in _targets(draft, tier) or (nobody_rostered if tier == LAST_RESORT else ()):
        person = draft.facts.clinician(target.person)
        page = next((page for page in draft.case.pages if page.informs and page.person == target.person), None)
        if person is not None and page is None:
            _inform(draft, new_page(draft, person, _beside(draft, target), informs=True))
        elif page is not None and draft.case.pinned.pilot and draft.case.step > 0:
            _inform(draft, page)


def _beside(draft: Draft, target: Target) -> Target:
    """Why the last resort hears it: in a pilot, because the old way goes on beside the line."""
    if draft.case.pinned.pilot and draft.case.step == 0:
        return replace(target, why=f"pilot: told beside the pump team; {target.why}")
    return target


def inform_again(draft: Draft) -> None:
    """Everybody has been reached and nobody has taken it: the last resort hears so once more."""
    for page in draft.case.pages:
        if page.informs:
            _inform(draft, page)


def _inform(draft: Draft, page: Page) -> None:
    if told_just_now(draft, page):
        return
    send_text(draft, page)
    if not _still_ringing(draft, page) and (number := _next_number(draft, page)):
        draft.owe(Channel.VOICE, Purpose.INFORM, number, page=page.id, person=page.person)


# --- ending ------------------------------------------------------------------------------------------------------


def stop_rings(draft: Draft) -> None:
    """Drop what is not yet handed over and end what rings; an answered leg hears for itself who has it."""
    for state in draft.case.messages:
        message = state.message
        if message.purpose not in (Purpose.PAGE, Purpose.INFORM, Purpose.CALL_BACK) or state.progress.is_over:
            continue
        if state.progress is Progress.OWED:
            draft.write(e.MessageProgressed(message.id, Progress.DROPPED))
        elif message.channel is Channel.VOICE and state.may_be_ringing and state.sid:
            owe_stop(draft, message.id, state.sid, message.to)


def stop_person(draft: Draft, person: str) -> None:
    """End what still rings at one person's phones."""
    for state in draft.case.messages:
        if state.message.person != person or state.message.purpose is not Purpose.PAGE or state.progress.is_over:
            continue
        if state.progress is Progress.OWED:
            draft.write(e.MessageProgressed(state.message.id, Progress.DROPPED))
        elif state.message.channel is Channel.VOICE and state.may_be_ringing and state.sid:
            owe_stop(draft, state.message.id, state.sid, state.message.to)


def owe_stop(draft: Draft, message: str, sid: str, to: str) -> None:
    """End a call that rings for nothing; once per call."""
    if not any(state.message.target == sid for state in draft.case.messages):
        draft.owe(Channel.STOP, Purpose.STOP, to, target=sid, page=message, lane=Lane.EMERGENCY)


def stand_down(draft: Draft, name: str, except_person: str) -> None:
    """Tell everybody who had been woken that it is taken."""
    for page in draft.case.pages:
        reached = any(state.progress >= Progress.ACCEPTED for state in draft.case.messages_of(page.id))
        if page.person != except_person and not page.declined and reached:
            draft.tell_person(page.person, "stand_down", name=name)


def _late_word(draft: Draft) -> str:
    return "delayed" if draft.delayed else ""


def is_late(due_at: datetime, at: datetime) -> bool:
    return at - due_at > LATE


def is_climbing(case: Case) -> bool:
    return case.status is Status.PAGING
