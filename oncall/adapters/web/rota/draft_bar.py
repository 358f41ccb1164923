"""What a coordinator has open beside the published rota: her draft, her colleagues' drafts, and what may be undone.

Only coordinators see it; whoever else looks at the rota sees what is published. Deliberately not here: changing a
draft (`edit_pages`), and the preview.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from oncall.adapters.web.asker import ASKER, signed_in
from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.rota.waiting import waits_shown
from oncall.core.rota.edits import EditRefused
from oncall.core.rota.waiting import Waiting
from oncall.service.ports.journal import Edition
from oncall.service.rota.desk import UNDO, UNDONE
from oncall.service.rota.drafts import Draft
from oncall.service.rota.preview import Preview

NOW = "/now"  # the draft of "Replace now", beside its author's other one


@dataclass(frozen=True, slots=True)
class DraftBar:
    """`found` is what the draft would do, None while it is empty; `undoable` the newest edition for ten minutes."""

    draft: Draft
    found: Preview | None
    others: tuple[Draft, ...]
    undoable: Edition | None
    undo_left: timedelta
    waits: tuple[Waiting, ...]


async def draft_bar(request: web.Request, editions: Sequence[Edition]) -> DraftBar | None:
    """None for whoever may not change the rota."""
    if ASKER not in request or "coordinator" not in signed_in(request).roles:
        return None
    given, me = request.app[GIVEN], signed_in(request).person
    drafts = {draft.author: draft for draft in await given.rota_desk.drafts() if draft.edits}
    own = drafts.pop(me, Draft(me))
    newest = editions[0] if editions else None
    left = newest.at + UNDO - given.clock.now() if newest else timedelta(0)
    may_undo = newest is not None and len(editions) > 1 and left > timedelta(0) and not newest.reason.startswith(UNDONE)
    return DraftBar(
        draft=own,
        found=await _found(request, own),
        others=tuple(draft for author, draft in drafts.items() if not author.endswith(NOW)),
        undoable=newest if may_undo else None,
        undo_left=left,
        waits=tuple(await waits_shown(request, me)),
    )


async def _found(request: web.Request, draft: Draft) -> Preview | None:
    """A draft that cannot be written any more must not hide who is on call."""
    try:
        return await request.app[GIVEN].rota_desk.preview(draft.author) if draft.edits else None
    except EditRefused:
        return None
