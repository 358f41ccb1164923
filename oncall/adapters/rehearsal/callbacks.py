"""What the carrier tells the house about its texts and calls, later and by itself.

Callbacks of one text or call go out in order unless a fault was ordered: then they are lost, repeated, late
or swapped, which real carriers do too. Deliberately not here: what a callback says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from oncall.adapters.rehearsal.faults import Faults, What
from oncall.adapters.rehearsal.pulse import Pulse
from oncall.adapters.rehearsal.records import Callback
from oncall.adapters.rehearsal.webhooks import Webhooks


class Callbacks:
    """Sends status callbacks, one queue for each text or call."""

    def __init__(self, pulse: Pulse, web: Webhooks, faults: Faults, is_down: Callable[[], bool]) -> None:
        self._pulse, self._web, self._faults, self._is_down = pulse, web, faults, is_down
        self._last: dict[str, asyncio.Task[Any]] = {}
        self._held: dict[str, tuple[Callback, dict[str, str], str]] = {}

    def send(
        self, on: What, sid: str, number: str, where: Callback, params: Mapping[str, str], status: str = ""
    ) -> None:
        """Tell `where` about `sid`, unless nobody asked or an ordered fault swallows it."""
        if not where.url or self._is_down():
            return
        hook = (where, dict(params), self._web.new_token())
        if self._faults.take(on, number, "drop_callback", detail=status):
            return
        if self._faults.take(on, number, "swap_callbacks", detail=status):
            self._held[sid] = hook
            return
        times = 2 if self._faults.take(on, number, "repeat_callback", detail=status) else 1
        late = self._faults.take(on, number, "delay_callback", detail=status)
        if late:
            self._pulse.start(self._later(late.seconds, hook))
            return
        held = self._held.pop(sid, None)
        hooks = [hook] * times + ([held] if held else [])
        task = self._pulse.start(self._in_order(self._last.get(sid), hooks))
        self._last[sid] = task
        task.add_done_callback(lambda done: self._last.pop(sid) if self._last.get(sid) is done else None)

    async def _in_order(
        self, before: asyncio.Task[Any] | None, hooks: list[tuple[Callback, dict[str, str], str]]
    ) -> None:
        if before is not None:
            await asyncio.wait({before})
        for where, params, token in hooks:
            await self._web.ask(where, params, token)

    async def _later(self, seconds: float, hook: tuple[Callback, dict[str, str], str]) -> None:
        await self._pulse.pause(timedelta(seconds=seconds))
        await self._web.ask(*hook)
