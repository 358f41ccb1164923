"""A turn of a conversation as TwiML, by Twilio's own helper classes.

Plain `Say` only: text-to-speech without external files survives more of a provider's bad days (families.md 2).
Deliberately not here: which words.
"""

from __future__ import annotations

from urllib.parse import urlencode

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from oncall.core.calls import HOLD, Say, Turn
from oncall.core.emergency_numbers import dialable

VOICES = {"en": "en-US", "es": "es-US"}
WORD_EVERY = 10  # seconds between short words to somebody who waits on the line
DIAL_SECONDS = 40


def family_turn(turn: Turn, step: int, silences: int, number: str | None) -> str:
    """A family's turn: say, then ask, wait or end. `step` makes every webhook of a call its own (RULINGS 7)."""
    response = VoiceResponse()
    following = urlencode({"q": turn.ask or "", "step": step + 1, "silent": silences, "from": number or ""})
    if turn.ask is not None:
        gather = Gather(
            input="dtmf speech" if turn.speech else "dtmf",
            action=f"/twilio/voice/said?{following}",
            method="POST",
            num_digits=turn.digits,
            finish_on_key="#" if turn.digits > 1 else "",  # "any key" may be the pound key
            speech_timeout="auto" if turn.speech else None,
            timeout=turn.timeout,
            action_on_empty_result=True,
            language=VOICES.get(turn.says[-1].language, "en-US") if turn.says else "en-US",
        )
        _say(gather, turn.says)
        response.append(gather)
        return str(response)
    if turn.hold:
        response.append(_holding(turn, step, number))
        return str(response)
    _say(response, turn.says)
    if turn.join is not None:
        response.append(_room(turn.join))
    return str(response)


def _holding(turn: Turn, step: int, number: str | None) -> Gather:
    """Words to somebody who waits; a key is heard at any moment, and silence brings the next word."""
    following = urlencode({"q": HOLD, "step": step + 1, "silent": 0, "from": number or ""})
    gather = Gather(
        input="dtmf",
        action=f"/twilio/voice/said?{following}",
        method="POST",
        num_digits=1,
        timeout=WORD_EVERY,
        action_on_empty_result=True,
    )
    _say(gather, turn.says)
    return gather


def staff_turn(turn: Turn, message: str, step: int, line: str) -> str:
    """A turn of a call that we placed; `message` names it in every following webhook."""
    response = VoiceResponse()
    following = urlencode({"m": message, "step": step + 1})
    if turn.ask is not None:
        gather = Gather(
            input="dtmf",
            action=f"/twilio/voice/out/{turn.ask}?{following}",
            method="POST",
            num_digits=1,
            timeout=turn.timeout,
            action_on_empty_result=turn.ask != "accept",
        )
        _say(gather, turn.says, pause=2 if turn.ask == "accept" else 0)
        response.append(gather)
        return str(response)
    _say(response, turn.says)
    if turn.dial is not None:
        dial = Dial(
            caller_id=line,
            timeout=DIAL_SECONDS,
            answer_on_bridge=True,
            action=f"/twilio/voice/out/joined?{following}",
            method="POST",
        )
        dial.number(dialable(turn.dial), url=f"/twilio/voice/out/family?{following}", method="POST")
        response.append(dial)
    if turn.join is not None:
        response.append(_room(turn.join))
    return str(response)


def _room(name: str) -> Dial:
    """Everybody who is sent here hears each other; it ends when either side hangs up. Never recorded."""
    dial = Dial()
    dial.conference(name, end_conference_on_exit=True, start_conference_on_enter=True, beep=False)
    return dial


def joined() -> str:
    """An empty answer: the two legs are connected."""
    return str(VoiceResponse())


def hang_up() -> str:
    response = VoiceResponse()
    response.hangup()
    return str(response)


def _say(verb: VoiceResponse | Gather, says: tuple[Say, ...], pause: int = 0) -> None:
    for said in says:
        if pause:
            verb.pause(length=pause)
        verb.say(said.text, language=VOICES.get(said.language, "en-US"))
