"""Two cases that may be about one patient: shown to each other, linked by a named person, and never merged.

A second relative on an unknown phone has a case of its own; whoever sees that both are about the same patient says so,
and may take it back (RULINGS 6). Several cases of one phone show each other what came to one of them (RULINGS 10).
Deliberately not here: which case a report goes to (`service.intake`).
"""

from __future__ import annotations

from oncall.core.case import entries as e
from oncall.core.case.case import Status
from oncall.core.case.commands import LinkCase, ShowReport
from oncall.core.case.draft import Draft
from oncall.core.case.wording import page_link


def show_report(draft: Draft, command: ShowReport) -> None:
    """Say here what was filed there; whoever holds this case hears of it by text."""
    draft.write(e.ReportShown(command.report, command.other, command.code))
    holder = draft.case.holder
    if draft.case.status is Status.HELD and holder is not None:
        page = draft.case.page_of(holder.person)
        link = page_link(page, draft.facts.hospital) if page else ""
        draft.tell_person(holder.person, "holder_shared_news", other=command.code, link=link)


def link_case(draft: Draft, command: LinkCase) -> None:
    kind = e.CasesLinked if command.linked else e.CasesUnlinked
    if command.linked != any(link.case == command.other for link in draft.case.links):
        draft.write(kind(command.person, command.other, command.code, command.how))
    else:
        draft.answer["unchanged"] = True
