"""Performs TwiML on a line, verb by verb, until the document ends, leads on, or somebody hangs up.

Barge-in is always on: a key pressed while a Gather speaks cuts the words short. What is pressed while nobody
listens is lost, as on the real line. Deliberately not here: Dial (dialling.py) and how a line waits
(line.py).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from oncall.adapters.rehearsal.dialling import dial
from oncall.adapters.rehearsal.line import Ask, Line, LineEnded, LineTurned
from oncall.adapters.rehearsal.records import Recording
from oncall.adapters.rehearsal.twiml import (
    Dial,
    Document,
    Gather,
    Hangup,
    Message,
    Pause,
    Record,
    Redirect,
    Reject,
    Say,
)


async def run(line: Line, first: Ask) -> None:
    """Perform what `first` leads to until it ends; raises LineEnded when somebody ends the call before."""
    following: Ask | None = first
    while following is not None:
        try:
            document = await line.calls.fetch(line, following)
            line.check()
            following = await _perform(line, document)
        except LineTurned as turned:
            following = turned.to


async def _perform(line: Line, document: Document) -> Ask | None:
    for verb in document.verbs:
        if not isinstance(verb, Reject | Redirect | Hangup):
            line.calls.pick_up(line)
        following = await _PERFORM[type(verb)](line, verb)
        if following is not None:
            return following
    return None


async def _say(line: Line, verb: Say) -> None:
    await line.say(verb)


async def _pause(line: Line, verb: Pause) -> None:
    await line.rest(timedelta(seconds=verb.seconds))


async def _redirect(line: Line, verb: Redirect) -> Ask:
    return Ask(verb.to)


async def _hangup(line: Line, verb: Hangup) -> None:
    raise LineEnded("completed" if line.answered else "busy")


async def _reject(line: Line, verb: Reject) -> None:
    if line.answered:
        raise LineEnded("completed")
    raise LineEnded("busy" if verb.reason == "busy" else "no-answer", 603)


async def _message(line: Line, verb: Message) -> None:
    line.calls.alarm("12200 <Message> in a call was passed over")


class Entry:
    """What a Gather has taken so far."""

    def __init__(self, verb: Gather) -> None:
        self.verb = verb
        self.digits = ""
        self.finished_on = ""
        self.speech = ""
        self.speaker_language = ""

    def key(self, key: str) -> None:
        if not self.verb.keys:
            return
        if key == self.verb.finish_on_key:
            self.finished_on = key
        else:
            self.digits += key

    def words(self, line: Line, words: str) -> None:
        if self.verb.speech:
            self.speech = words
            self.speaker_language = line.handset.language if line.handset else ""

    @property
    def is_listening(self) -> bool:
        return not self.is_complete

    @property
    def is_begun(self) -> bool:
        return bool(self.digits or self.speech or self.finished_on)

    @property
    def is_complete(self) -> bool:
        full = self.verb.num_digits is not None and len(self.digits) >= self.verb.num_digits
        return bool(full or self.finished_on or self.speech)

    def news(self) -> Callable[[], bool]:
        """Answers whether anything came since now."""
        before = len(self.digits)
        return lambda: self.is_complete or len(self.digits) > before

    def params(self) -> dict[str, str]:
        """The parameters of the action request; doubtful confidence when the languages differ."""
        if self.speech:
            same = self.verb.language.startswith(self.speaker_language)
            told = {"SpeechResult": self.speech, "Confidence": "0.9241" if same else "0.3127"}
            return {**told, "Language": self.verb.language, "msg": "Gather End"}
        told = {"Digits": self.digits, "msg": "Gather End"}
        return {**told, "FinishedOnKey": self.finished_on} if self.finished_on else told


async def _gather(line: Line, verb: Gather) -> Ask | None:
    entry = Entry(verb)
    line.ears = entry
    try:
        await _prompt(line, verb, entry)
        await _wait_for_entry(line, entry)
    finally:
        line.ears = None
    if not entry.is_begun and not verb.on_empty:
        return None
    return Ask(verb.action, entry.params())


async def _prompt(line: Line, verb: Gather, entry: Entry) -> None:
    for prompt in verb.prompts:
        if entry.is_begun:
            return
        if isinstance(prompt, Pause):
            await line.rest(timedelta(seconds=prompt.seconds), lambda: entry.is_begun)
        else:
            await line.say(prompt, lambda: entry.is_begun)


async def _wait_for_entry(line: Line, entry: Entry) -> None:
    """Each key restarts the wait; silence ends it."""
    while not entry.is_complete:
        wait = timedelta(seconds=entry.verb.timeout_s)
        if not await line.rest(wait, entry.news()):
            return


class Tape:
    """What a Record has taken so far."""

    def __init__(self, verb: Record, recording: Recording) -> None:
        self.verb, self.recording = verb, recording
        self.stopped_by = ""

    def key(self, key: str) -> None:
        if key in self.verb.finish_on_key:
            self.stopped_by = key

    @property
    def is_listening(self) -> bool:
        return not self.stopped_by

    def words(self, line: Line, words: str) -> None:
        self.recording.words.append(words)

    def news(self) -> Callable[[], bool]:
        """Answers whether it was stopped or spoken to since now."""
        before = len(self.recording.words)
        return lambda: bool(self.stopped_by) or len(self.recording.words) > before


async def _record(line: Line, verb: Record) -> Ask | None:
    """Nobody spoke: nothing is kept, and the verb after it is next, as at the real carrier."""
    if verb.beeps:
        line.hear("[a tone]")
    recording = line.calls.new_recording(line.call)
    tape = Tape(verb, recording)
    line.ears = tape
    try:
        await _wait_for_tape(line, tape)
    except LineEnded:
        tape.stopped_by = "hangup"
        recording.stop(line.calls.pulse.now())
        line.calls.notices.tell(line, Ask(verb.action, _taped(tape)))
        raise
    finally:
        line.ears = None
        recording.stop(line.calls.pulse.now())
        if recording.words:
            line.calls.notices.tell_of_recording(line, verb.status_callback, recording)
        else:
            del line.calls.recordings[recording.sid]
    if not (recording.words or tape.stopped_by):
        return None
    return Ask(verb.action, _taped(tape))


async def _wait_for_tape(line: Line, tape: Tape) -> None:
    """Silence after speech, a key or the length limit ends a recording."""
    limit = tape.recording.started_at + timedelta(seconds=tape.verb.max_length_s)
    while True:
        silence = line.calls.pulse.now() + timedelta(seconds=tape.verb.silence_s)
        if not await line.until(min(silence, limit), tape.news()) or tape.stopped_by:
            return


def _taped(tape: Tape) -> dict[str, str]:
    recording = tape.recording
    if not recording.words:
        return {"Digits": tape.stopped_by}
    return {
        "RecordingUrl": recording.url,
        "RecordingSid": recording.sid,
        "RecordingDuration": str(recording.seconds),
        "Digits": tape.stopped_by,
    }


_PERFORM: dict[type, Callable[[Line, Any], Awaitable[Ask | None]]] = {
    Say: _say,
    Pause: _pause,
    Gather: _gather,
    Redirect: _redirect,
    Hangup: _hangup,
    Reject: _reject,
    Dial: dial,
    Record: _record,
    Message: _message,
}
