"""Trial calls: a telephone rings, its owner presses any key, and whoever ordered the trial hears of it.

The key comes to the running house by the same signed webhooks as every other, which proves the whole way back from
the carrier. It is kept in memory, under an unguessable name, for the newest hundred trials: a trial is no duty and
survives no restart. Its words name no case, so they stand here and not in rules/. Deliberately not here: who may
order one (`oncall preflight`).
"""

from __future__ import annotations

from urllib.parse import urlencode

from twilio.twiml.voice_response import Gather, VoiceResponse

MOST = 100
TIMES_SAID = 3
WORDS = "This is a test of the pump line. There is no case. Press any key, so that we know this telephone rings."
THANKS = "Thank you. This telephone rings. Goodbye."


class TrialCalls:
    """Which key was pressed on which trial."""

    def __init__(self) -> None:
        self._pressed: dict[str, str] = {}

    def pressed(self, name: str) -> str:
        """The key; empty while there is none."""
        return self._pressed.get(name, "")

    def step(self, name: str, turn: int, digits: str) -> str:
        """One turn as TwiML: ask up to three times, then end."""
        response = VoiceResponse()
        if digits:
            self._remember(name, digits)
            response.say(THANKS, language="en-US")
        elif turn < TIMES_SAID:
            following = urlencode({"t": name, "turn": turn + 1})
            gather = Gather(
                input="dtmf",
                action=f"/twilio/voice/trial?{following}",
                method="POST",
                num_digits=1,
                timeout=5,
                action_on_empty_result=True,
            )
            gather.say(WORDS, language="en-US")
            response.append(gather)
            return str(response)
        response.hangup()
        return str(response)

    def _remember(self, name: str, digits: str) -> None:
        self._pressed[name] = digits
        while len(self._pressed) > MOST:
            del self._pressed[next(iter(self._pressed))]
