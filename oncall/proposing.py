"""From proposed files to what the second person reads, and from an approval to an edition in force.

Wires the handbook, the past cases, the prover and the journal behind `service.rules.proposals`. Deliberately not here:
what is refused (`adapters/handbook/publishing`), and who may approve.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from oncall.adapters.handbook.files import load_texts
from oncall.adapters.handbook.publishing import (
    OVERTAKEN,
    Draft,
    Signature,
    edition_from,
    refusals,
    with_past,
    with_rota,
)
from oncall.adapters.handbook.reading import Fault, HandbookFaults
from oncall.adapters.handbook.rules_difference import Difference, case_lines, change_lines, file_line
from oncall.adapters.handbook.store import PublishedHandbook
from oncall.adapters.register.kept import KeptRegister
from oncall.core.as_json import from_json, to_json
from oncall.core.handbook import Handbook
from oncall.proving import why_unproved
from oncall.service.cases.past_cases import reread_all
from oncall.service.ports.journal import EditionOvertaken, Journal
from oncall.service.ports.timepiece import Timepiece
from oncall.service.rules.proposals import Approval, Brought, Proposals, Shown

PAST = timedelta(days=30)
Unfit = Callable[[Handbook], Awaitable[str]]  # why an edition may not be in force here; empty when it may


def proposals_of(
    journal: Journal,
    register: KeptRegister,
    handbooks: PublishedHandbook,
    clock: Timepiece,
    unfit: Unfit,
    prove: Callable[[Mapping[str, str]], Awaitable[str]] = why_unproved,
) -> Proposals:
    """What is proposed to this house."""

    async def publish(approval: Approval) -> tuple[str, ...]:
        return await _put_in_force(journal, register, handbooks, clock, unfit, approval)

    return Proposals(register.proposals, clock, prove, publish)


@dataclass(frozen=True, slots=True)
class Compared:
    """What comparing took seconds for: it holds for as long as the same edition is in force."""

    difference: Difference
    red: tuple[Fault, ...]


def brought_by(draft: Draft) -> Brought:
    """As a command hands it in; the comparing was done beside the line's work."""
    return Brought(dict(draft.files), to_json(Compared(draft.difference, draft.red)))


def shown_of(draft: Draft) -> Shown:
    """The difference in sentences, as the second person reads it."""
    told = draft.difference
    declared = [f"{change.kind} {change.name}: {line}" for change in told.changes for line in change_lines(change)]
    return Shown(
        changes=tuple([*([told.note] if told.note else []), *declared, *told.rota]),
        saved=tuple(case_lines(told.saved, "saved cases", told.saved_changes)),
        past=tuple(case_lines(told.past, "past cases", told.past_changes)),
        lowered=tuple(f"{case.said}: {case.was} becomes {case.becomes}" for case in told.lowered_emergencies),
        red=tuple(str(fault) for fault in draft.red),
        guards=tuple(f"{guard.severity.name}: {guard.sentence}" for guard in draft.guards),
        files=tuple(file_line(file) for file in told.files),
    )


async def _put_in_force(
    journal: Journal,
    register: KeptRegister,
    handbooks: PublishedHandbook,
    clock: Timepiece,
    unfit: Unfit,
    approval: Approval,
) -> tuple[str, ...]:
    """Why not, a sentence each; none when it is in force. The edition that it was compared with must be the newest."""
    now = clock.now()
    try:
        draft = await _draft(journal, register, handbooks.current(), approval, now)
    except HandbookFaults as problem:
        return (str(problem),)
    if draft.base != handbooks.current().edition:
        return (OVERTAKEN,)
    signature = Signature(approval.proposal.author_name, approval.second, approval.reason)
    if refused := refusals(draft, signature, lambda files: approval.proof):
        return tuple(map(_for_a_page, refused))
    if sentence := await unfit(draft.handbook):
        return (sentence,)
    reason = "; ".join(filter(None, (approval.proposal.reason, approval.reason)))
    edition = edition_from(draft, replace(signature, reason=reason), now)
    try:
        await handbooks.publish(journal, edition, draft.files, draft.base, draft.handbook)
    except EditionOvertaken:
        return (OVERTAKEN,)
    return ()


async def _draft(
    journal: Journal, register: KeptRegister, in_force: Handbook, approval: Approval, now: datetime
) -> Draft:
    """The comparison as it was brought, with the rota and the past cases of now. Raises HandbookFaults."""
    files, compared = approval.brought.files, from_json(Compared, approval.brought.compared)
    handbook = await asyncio.to_thread(load_texts, files)  # the line goes on meanwhile
    before, base = in_force.rulebook, approval.proposal.base
    draft = Draft(handbook, files, base, before, compared.difference, compared.red, in_force.rota)
    known = (await register.directory()).clinicians.values()
    draft = with_rota(draft, now, frozenset(person.id for person in known if person.is_proven))
    past = await reread_all(journal, await journal.cases_since(now - PAST), before, handbook.rulebook)
    return with_past(draft, past) if draft.difference.touches_rules else draft


def _for_a_page(sentence: str) -> str:
    return sentence.replace("say with --reason", "say below").replace("Say with --reason", "Say below")
