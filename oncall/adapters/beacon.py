"""The outside beacon: an address that a dead-man service gives us, asked each half minute while all is well.

Whoever keeps it (healthchecks and its like) rings by their own telephones when we fall silent, which is the only alarm
that a dead machine can still raise. Deliberately not here: whether all is well (`service.line.vigil`).
"""

from __future__ import annotations

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout

PATIENCE = ClientTimeout(total=8)

log = structlog.get_logger("beacon")


class HttpBeacon:
    """`address` is a secret: whoever has it can say that we live. Without one nobody outside watches."""

    def __init__(self, address: str | None) -> None:
        self._address = address

    async def alive(self) -> bool:
        if self._address is None:
            return False
        try:
            through_proxy = self._address.startswith("https:")
            async with (
                ClientSession(timeout=PATIENCE, trust_env=through_proxy) as session,
                session.get(self._address) as answer,
            ):
                taken = answer.ok
        except (ClientError, TimeoutError, OSError) as problem:
            log.warning("the beacon was not reached", reason=type(problem).__name__)
            return False
        if not taken:
            log.warning("the beacon refused", status=answer.status)
        return taken
