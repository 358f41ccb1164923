"""A request in the rota: as a draft of its own, what its guards say, and the edition that publishes it.

The draft belongs to nobody, so that it never mixes with what a coordinator is about to publish. Publishing is safe to
repeat: the change that it writes names the request. Deliberately not here: who agreed and approved (`requests`).
"""

from __future__ import annotations

from oncall.core.rota import requests as moves
from oncall.core.rota.edits import EditRefused
from oncall.core.rota.requests import Request
from oncall.service.ports.journal import HandbookSource
from oncall.service.ports.timepiece import Timepiece
from oncall.service.rota.desk import FASTER, PublishRefused, RotaDesk

TRIES = 3  # when others publish at the same moment


class RequestEditions:
    """See the module. One at a time for each request."""

    def __init__(self, rota_desk: RotaDesk, handbooks: HandbookSource, clock: Timepiece) -> None:
        self._rota_desk, self._handbooks, self._clock = rota_desk, handbooks, clock

    async def is_drafted(self, request: Request) -> bool:
        return bool((await self._rota_desk.draft(moves.mark_of(request))).edits)

    async def guards(self, request: Request) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Red and yellow, on the newest edition. The draft is written down once, however often it is looked at."""
        try:
            if not await self.is_drafted(request):
                await self._draft(request)
            found = await self._rota_desk.preview(moves.mark_of(request))
        except EditRefused as problem:
            return (str(problem),), ()
        red = (*(one.sentence for one in found.refused), *(guard.sentence for guard in found.red))
        return red, tuple(guard.sentence for guard in found.yellow)

    async def publish(self, request: Request) -> str:
        """The edition that has it, by the approver, or by who entered it where nobody needed to approve; "" when others
        were faster again and again. Raises PublishRefused."""
        by = request.approver if request.approver != moves.THE_LINE else request.entered_by
        reason = f"request {request.id}, {request.kind.value}: {moves.reason_of(request)}"
        for _ in range(TRIES):
            current = self._handbooks.current()
            if moves.is_in(current.rota, request):
                return request.edition or current.edition
            try:
                await self._draft(request)
                return (await self._rota_desk.publish(moves.mark_of(request), reason, by=by)).name
            except EditRefused as problem:
                raise PublishRefused([str(problem)]) from None
            except PublishRefused as problem:
                if FASTER not in problem.sentences:
                    raise
        return ""

    async def discard(self, request: Request) -> None:
        if await self.is_drafted(request):
            await self._rota_desk.discard(moves.mark_of(request), moves.THE_LINE)

    async def _draft(self, request: Request) -> None:
        """On the newest edition, from now. Raises EditRefused."""
        author = moves.mark_of(request)
        await self._rota_desk.discard(author, moves.THE_LINE)
        edit = moves.edit_of(request, self._zone(request.tier), self._clock.now())
        await self._rota_desk.add(author, edit, request.entered_by, name=author)

    def _zone(self, tier: str) -> str:
        rota = self._handbooks.current().rota
        rotation = rota.rotations.get(tier.partition("/")[0])
        return rotation.zone if rotation else rota.zone
