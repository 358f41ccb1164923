"""The carrier: phones, texts and calls of one imagined town, and the one hospital line in it.

It behaves as the real one does where that matters at night: it accepts before it delivers, calls a ringing
phone ringing and no more, tells the house later and sometimes wrongly, and never decides anything medical. It
knows time only from the clock it is given. Deliberately not here: HTTP in (rest.py) and out (webhooks.py),
and the phones page.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from oncall.adapters.rehearsal import numbers
from oncall.adapters.rehearsal.account import Account
from oncall.adapters.rehearsal.asking import Asking
from oncall.adapters.rehearsal.callbacks import Callbacks
from oncall.adapters.rehearsal.calls import Calls
from oncall.adapters.rehearsal.faults import Faults, What
from oncall.adapters.rehearsal.pace import INSTANT, Pace
from oncall.adapters.rehearsal.phones import Handset, HandsetSpec
from oncall.adapters.rehearsal.pulse import Pulse
from oncall.adapters.rehearsal.records import Refusal
from oncall.adapters.rehearsal.settings import LineSettings
from oncall.adapters.rehearsal.texts import Texts
from oncall.adapters.rehearsal.webhooks import Webhooks

if TYPE_CHECKING:
    from oncall.service.ports.timepiece import Timepiece

log = logging.getLogger(__name__)


class Carrier:
    """Everything between the phones and the house. `alarms` is its debugger: what went wrong, in order.

    `town` is another carrier that reaches the same phones: the hospital's second number.
    """

    def __init__(
        self,
        clock: Timepiece,
        new_id: Callable[[], str],
        line: LineSettings,
        web: Webhooks,
        handsets: Sequence[HandsetSpec] = (),
        *,
        pace: Pace = INSTANT,
        api_url: str = "https://api.twilio.com",
        town: Carrier | None = None,
    ) -> None:
        self._new_id = new_id
        self.line, self.web, self.pace = line, web, pace
        self.api_url = api_url.rstrip("/")
        self.pulse = Pulse(clock)
        self.faults = Faults()
        self.account = Account()
        self.alarms: list[str] = []
        self.asking = Asking(web, self.alarm)
        self.down_until: datetime | None = None
        self.callbacks = Callbacks(self.pulse, web, self.faults, lambda: self.is_down)
        self.texts = Texts(self)
        self.calls = Calls(self)
        self.phones = {} if town is None else town.phones
        self.phones |= {spec.number: Handset(spec, self) for spec in handsets}
        self.texts.stop_from_the_start(spec.number for spec in handsets if spec.stopped)

    def phone(self, number: str) -> Handset:
        """The handset with this number; an unknown one is somebody whom the hospital has never met."""
        if number not in self.phones:
            if not numbers.exists(number):
                raise ValueError(f"{number} is not a number kept for fiction (+1 NPA 555 01xx)")
            self.phones[number] = Handset(HandsetSpec(number, "unknown caller"), self)
        return self.phones[number]

    def goes_down(self, span: timedelta) -> None:
        """From now on and for so long: requests are refused, and nothing is told to the house, now or later."""
        self.down_until = self.pulse.now() + span

    @property
    def is_down(self) -> bool:
        return self.down_until is not None and self.pulse.now() < self.down_until

    def loses_webhook(self, on: What, number: str) -> bool:
        """Whether the house is not told of this, as ordered or because of an outage."""
        return self.is_down or self.faults.take(on, number, "lose_webhook") is not None

    @property
    def busy(self) -> int:
        """How much is under way at this instant; 0 means that only the clock can bring news."""
        return self.pulse.busy

    async def settle(self) -> None:
        """Wait until nothing is under way."""
        await self.pulse.settle()

    def new_sid(self, prefix: str) -> str:
        return prefix + hashlib.sha256(self._new_id().encode()).hexdigest()[:32]

    def alarm(self, what: str) -> None:
        """Note what a real carrier's debugger would show, or what must never happen."""
        self.alarms.append(what)
        log.warning("carrier: %s", what.split(" at ", 1)[0])

    def refuse_unreal(self, to: str, missing: int) -> None:
        """Only numbers kept for fiction exist; an emergency number is an alarm as well."""
        if not to:
            raise Refusal(missing)
        if numbers.is_emergency(to):
            self.alarm(f"the house tried to reach the emergency number {to}")
            raise Refusal(21211, message=f"The number {to} must never be dialled by a machine.")
        if not numbers.exists(to):
            raise Refusal(21211, message=f"The 'To' number {to} is not a valid phone number.")

    async def close(self) -> None:
        await self.pulse.stop()
        await self.web.close()
