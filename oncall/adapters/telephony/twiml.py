"""A turn of a conversation as TwiML, by Twilio's own helper classes.

Plain `Say` only: text-to-speech without external files survives more of a provider's bad days (RULINGS 12).
Deliberately not here: which words.
"""

from __future__ import annotations

from urllib.parse import urlencode

from twilio.twiml.voice_response import Dial, Gather, Record, VoiceResponse

from oncall.core.case.calls import HOLD, Say, Turn
from oncall.core.emergency_numbers import dialable
from oncall.service.notice_answers import Spoken

VOICES = {"en": "en-US", "es": "es-US"}
WORD_EVERY = 20  # seconds between short words to somebody who waits on the line
DIAL_SECONDS = 40
STOPPING = 3  # seconds until a call to the same phone that we are ending has ended


def family_turn(turn: Turn, step: int, silences: int) -> str:
    """A family's turn: say, then ask, wait or end. `step` makes every webhook of a call its own (RULINGS 7)."""
    response = VoiceResponse()
    following = urlencode({"q": turn.ask or "", "step": step + 1, "silent": silences})
    if turn.record:
        _say(response, turn.says)
        response.append(_recording(turn, following))
        response.redirect(f"/twilio/voice/said?{following}", method="POST")  # nobody spoke: Record is passed over
        return str(response)
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
        response.append(_holding(turn, step))
        return str(response)
    _say(response, turn.says)
    if turn.join is not None:
        back = urlencode({"q": HOLD, "step": step + 1, "silent": 0})
        tongue = "es" if turn.says and turn.says[-1].language == "es" else "en"
        response.append(_room(turn.join, f"/twilio/voice/said?{back}", f"family-{tongue}"))
    return str(response)


def _recording(turn: Turn, following: str) -> Record:
    """The caller's own voice, announced by the words before it. Nothing is transcribed elsewhere."""
    return Record(
        action=f"/twilio/voice/said?{following}",
        method="POST",
        max_length=turn.record,
        timeout=turn.timeout,
        finish_on_key="1234567890*#",
        play_beep=True,
        trim="trim-silence",
        recording_status_callback="/twilio/recording",
        recording_status_callback_method="POST",
        recording_status_callback_event="completed absent",
    )


def _holding(turn: Turn, step: int) -> Gather:
    """Words to somebody who waits; a key is heard at any moment, and silence brings the next word."""
    following = urlencode({"q": HOLD, "step": step + 1, "silent": 0})
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


def staff_turn(turn: Turn, message: str, step: int, line: str, silences: int = 0) -> str:
    """A turn of a call that we placed; `message` names it in every following webhook."""
    response = VoiceResponse()
    following = urlencode({"m": message, "step": step + 1, "silent": silences})
    if turn.ask is not None:
        gather = Gather(
            input="dtmf",
            action=f"/twilio/voice/out/{turn.ask}?{following}",
            method="POST",
            num_digits=turn.digits,
            timeout=turn.timeout,
            action_on_empty_result=turn.ask != "accept",
        )
        _say(gather, turn.says, pause=2 if turn.ask == "accept" else 0)
        response.append(gather)
        return str(response)
    _say(response, turn.says)
    if turn.dial is not None:
        response.pause(length=STOPPING)
        response.append(_dialled(turn.dial, following, line))
    if turn.join is not None:
        response.append(_room(turn.join, f"/twilio/voice/out/left?{following}", "staff", leaves_on_star=True))
    return str(response)


def _dialled(number: str, following: str, line: str) -> Dial:
    """The family on this very call, for a provider that cannot confer."""
    dial = Dial(
        caller_id=line,
        timeout=DIAL_SECONDS,
        answer_on_bridge=True,
        action=f"/twilio/voice/out/joined?{following}",
        method="POST",
    )
    dial.number(dialable(number), url=f"/twilio/voice/out/family?{following}", method="POST")
    return dial


def _room(name: str, action: str, who: str, leaves_on_star: bool = False) -> Dial:
    """Everybody who is sent here hears each other. Nobody's leaving ends it, and it is never recorded."""
    dial = Dial(action=action, method="POST", hangup_on_star=leaves_on_star)
    dial.conference(
        name,
        start_conference_on_enter=True,
        end_conference_on_exit=False,
        beep=False,
        wait_url=f"/twilio/voice/room/wait?who={who}",
        wait_method="POST",
        status_callback=f"/twilio/voice/room?c={name}",
        status_callback_event="join leave",
        status_callback_method="POST",
    )
    return dial


def waiting_in_room(turn: Turn, who: str) -> str:
    """Words for somebody who is alone in the room, every 20 s until the other side comes."""
    response = VoiceResponse()
    _say(response, turn.says)
    response.pause(length=WORD_EVERY)
    response.redirect(f"/twilio/voice/room/wait?who={who}", method="POST")
    return str(response)


def family_leg_turn(turn: Turn, message: str, step: int) -> str:
    """The family's leg after its key: into the conference, or (an empty answer) connected with who dialled it."""
    response = VoiceResponse()
    if turn.join is not None:
        following = urlencode({"m": message, "step": step + 1, "silent": 0})
        response.append(_room(turn.join, f"/twilio/voice/out/left?{following}", "family-en"))
    return str(response)


def spoken(turn: Turn) -> str:
    """Words alone, into a running conference."""
    response = VoiceResponse()
    _say(response, turn.says)
    return str(response)


def notice_key(message: str) -> Gather:
    """The one key that answers a call outside of cases; silence leads nowhere."""
    return Gather(
        input="dtmf",
        action=f"/twilio/voice/notice/key?{urlencode({'m': message})}",
        method="POST",
        num_digits=1,
        timeout=8,
        action_on_empty_result=False,
    )


def notice_turn(spoken: Spoken, message: str) -> str:
    """A notice, said three times so that a greeting does not swallow it; only a key answers, and silence hangs up."""
    response = VoiceResponse()
    told = (Say(spoken.language, spoken.words),) if spoken.words else ()
    if spoken.asks:
        gather = notice_key(message)
        _say(gather, told * 3, pause=2)
        response.append(gather)
    else:
        _say(response, told)
    response.hangup()
    return str(response)


def hang_up() -> str:
    response = VoiceResponse()
    response.hangup()
    return str(response)


def _say(verb: VoiceResponse | Gather, says: tuple[Say, ...], pause: int = 0) -> None:
    for said in says:
        if pause:
            verb.pause(length=pause)
        verb.say(said.text, language=VOICES.get(said.language, "en-US"))
