"""The hospital operator is rung past the store, and hears behind a key whom to call back.

No row and no journal: what is told here is that the store refuses. The text and the call's first words name nobody; a
random key proves that a person listens and no machine records (as at a page), and then numbers and words are said.
Deliberately not here: when, and how often (`service.line.emergency_journal`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog
from twilio.twiml.voice_response import VoiceResponse

from oncall.adapters.telephony import twiml
from oncall.core.case.messages import Channel, Lane, Message, Purpose, Verdict
from oncall.service.ports.carrier import Pager

MARK = "aside."  # begins the name of such a call
MOST, TIMES_SAID = 20, 3
TEXT = (
    "Pump line: the line cannot store what comes in, and nobody else has been paged. We ring you now: press the key "
    "that you hear, and we tell you whom to call back."
)
ASKS = (
    "This is the pump line. Somebody contacted the line and it could not store it. Nobody else has been paged. "
    "Press {key} to hear whom to call back."
)
Tells = Callable[[], Sequence[str]]
NOT_OURS: tuple[str, Tells] = ("", tuple)  # a call that was rung before the process was started again

log = structlog.get_logger("operator")


class OperatorCalls:
    """See the module."""

    def __init__(self, pager: Pager, operator: str, new_id: Callable[[], str], chance: Callable[[], str]) -> None:
        self._pager, self._operator, self._new_id, self._chance = pager, operator, new_id, chance
        self._calls: dict[str, tuple[str, Tells]] = {}

    async def ring(self, tells: Tells) -> bool:
        """A call and a text; whether the carrier took the call. `tells`: what to say behind the key. Never raises."""
        name = f"{MARK}{self._new_id()}"
        self._calls[name] = (self._chance(), tells)
        while len(self._calls) > MOST:
            del self._calls[next(iter(self._calls))]
        called = await self._sent(Channel.VOICE, name, "")
        await self._sent(Channel.SMS, f"{name}.text", TEXT)
        return called

    def is_one(self, message: str) -> bool:
        return message.startswith(MARK)

    def picked_up(self, message: str) -> str:
        """TwiML: the question, three times."""
        response, (key, _) = VoiceResponse(), self._calls.get(message, NOT_OURS)
        if key:
            gather = twiml.notice_key(message)
            for _ in range(TIMES_SAID):
                gather.say(ASKS.format(key=key), language="en-US")
                gather.pause(length=2)
            response.append(gather)
        response.hangup()
        return str(response)

    def keyed(self, message: str, digits: str) -> str:
        """TwiML: behind the right key all that waits, twice; the question again behind any other."""
        key, tells = self._calls.get(message, NOT_OURS)
        if digits != key:
            return self.picked_up(message)
        response, told = VoiceResponse(), tells()
        for _ in range(2):
            for words in told:
                response.say(words, language="en-US")
                response.pause(length=1)
        response.hangup()
        return str(response)

    async def _sent(self, channel: Channel, name: str, words: str) -> bool:
        message = Message(name, "", channel, Purpose.NOTICE, Lane.EMERGENCY, self._operator, words)
        try:
            outcome = await self._pager.send(message, 1)
        except Exception as problem:  # around one road: the other is still to be tried
            log.critical("the operator was not reached", channel=channel.value, reason=type(problem).__name__)
            return False
        return outcome.verdict is Verdict.ACCEPTED
