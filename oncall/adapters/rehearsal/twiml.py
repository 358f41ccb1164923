"""Reads TwiML: what the house wants a call or a text to do, as a list of plain verbs.

Only what the house may use is known: Say, Pause, Play, Gather, Redirect, Hangup, Reject, Dial, Record, and
Message for texts. A document that is not TwiML is an error with Twilio's number (12100), as on the real line;
an unknown verb is passed over with a warning (12200). Deliberately not here: performing it (verbs.py,
dialling.py).
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from oncall.adapters.rehearsal.records import NOWHERE, Callback

_XML = ("text/xml", "application/xml", "text/html")


class BadTwiml(Exception):
    """The document cannot be used; `code` is Twilio's number for it."""

    def __init__(self, code: int, why: str) -> None:
        self.code = code
        super().__init__(f"{code} {why}")


@dataclass(frozen=True, slots=True)
class Say:
    words: str
    language: str = "en-US"
    times: int = 1


@dataclass(frozen=True, slots=True)
class Pause:
    seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class Gather:
    prompts: tuple[Say | Pause, ...]
    keys: bool
    speech: bool
    num_digits: int | None
    finish_on_key: str
    timeout_s: float
    action: Callback
    on_empty: bool
    language: str


@dataclass(frozen=True, slots=True)
class Redirect:
    to: Callback


@dataclass(frozen=True, slots=True)
class Hangup:
    pass


@dataclass(frozen=True, slots=True)
class Reject:
    reason: str = "rejected"


@dataclass(frozen=True, slots=True)
class Target:
    """One number of a Dial, with the words it hears before it is connected."""

    number: str
    whisper: Callback = NOWHERE
    status_callback: Callback = NOWHERE
    events: tuple[str, ...] = ("completed",)


@dataclass(frozen=True, slots=True)
class Room:
    """A conference as asked for by one Dial."""

    name: str
    starts: bool = True
    ends: bool = False
    wait: Callback = NOWHERE
    status_callback: Callback = NOWHERE
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dial:
    targets: tuple[Target, ...]
    room: Room | None
    timeout_s: float
    action: Callback | None
    caller_id: str
    hangup_on_star: bool
    limit_s: float


@dataclass(frozen=True, slots=True)
class Record:
    max_length_s: float
    silence_s: float
    finish_on_key: str
    action: Callback
    status_callback: Callback
    beeps: bool = True


@dataclass(frozen=True, slots=True)
class Message:
    body: str
    to: str
    media: tuple[str, ...]
    status_callback: Callback


Verb = Say | Pause | Gather | Redirect | Hangup | Reject | Dial | Record | Message


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed answer: its verbs, where it came from, and the verbs nobody knows."""

    url: str
    verbs: tuple[Verb, ...]
    unknown: tuple[str, ...] = ()


def read_twiml(body: str, url: str, content_type: str = "text/xml") -> Document:
    """Parse an answer that came from `url`; raises BadTwiml."""
    if content_type not in _XML:
        raise BadTwiml(12300, f"Invalid Content-Type {content_type}")
    if "<!DOCTYPE" in body or "<!ENTITY" in body:
        raise BadTwiml(12100, "a document type is not allowed")
    try:
        root = ElementTree.fromstring(body.strip())
    except ElementTree.ParseError as fault:
        raise BadTwiml(12100, f"Document parse failure: {fault}") from fault
    if root.tag != "Response":
        raise BadTwiml(12100, "the root must be <Response>")
    known = [element for element in root if element.tag in _READERS]
    unknown = tuple(element.tag for element in root if element.tag not in _READERS)
    return Document(url, tuple(_READERS[element.tag](element, url) for element in known), unknown)


def _words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _yes(element: Element, name: str, default: bool) -> bool:
    return element.get(name, str(default)).lower() == "true"


def _number(element: Element, name: str, default: float) -> float:
    try:
        return float(element.get(name, default))
    except ValueError:
        return default


def _address(element: Element, name: str, url: str) -> Callback:
    """The address in attribute `name`, relative to the document; without it the document's own."""
    return Callback(urljoin(url, element.get(name, "")), element.get("method", "POST").upper())


def _callback(element: Element, url: str, name: str = "statusCallback") -> Callback:
    given = element.get(name, "")
    return Callback(urljoin(url, given), element.get(f"{name}Method", "POST").upper()) if given else NOWHERE


def _say(element: Element, url: str) -> Say:
    return Say(_words(element), element.get("language", "en-US"), int(_number(element, "loop", 1)) or 1)


def _play(element: Element, url: str) -> Say:
    return Say(f"[plays {_words(element)}]")


def _pause(element: Element, url: str) -> Pause:
    return Pause(_number(element, "length", 1))


def _gather(element: Element, url: str) -> Gather:
    wanted = element.get("input", "dtmf").split()
    digits = element.get("numDigits")
    prompts = [_READERS[child.tag](child, url) for child in element if child.tag in ("Say", "Pause", "Play")]
    return Gather(
        prompts=tuple(prompts),  # type: ignore[arg-type]
        keys="dtmf" in wanted,
        speech="speech" in wanted,
        num_digits=int(digits) if digits else None,
        finish_on_key=element.get("finishOnKey", "#"),
        timeout_s=_number(element, "timeout", 5),
        action=_address(element, "action", url),
        on_empty=_yes(element, "actionOnEmptyResult", False),
        language=element.get("language", "en-US"),
    )


def _redirect(element: Element, url: str) -> Redirect:
    return Redirect(Callback(urljoin(url, _words(element)), element.get("method", "POST").upper()))


def _hangup(element: Element, url: str) -> Hangup:
    return Hangup()


def _reject(element: Element, url: str) -> Reject:
    return Reject(element.get("reason", "rejected"))


def _target(element: Element, url: str) -> Target:
    whisper = _address(element, "url", url) if element.get("url") else NOWHERE
    events = tuple(element.get("statusCallbackEvent", "completed").split())
    return Target(_words(element), whisper, _callback(element, url), events)


def _room(element: Element, url: str) -> Room:
    wait = Callback(urljoin(url, element.get("waitUrl", "")), element.get("waitMethod", "POST").upper())
    return Room(
        name=_words(element),
        starts=_yes(element, "startConferenceOnEnter", True),
        ends=_yes(element, "endConferenceOnExit", False),
        wait=wait if element.get("waitUrl") else NOWHERE,
        status_callback=_callback(element, url),
        events=tuple(element.get("statusCallbackEvent", "").split()),
    )


def _dial(element: Element, url: str) -> Dial:
    targets = [_target(child, url) for child in element if child.tag == "Number"]
    plain = (element.text or "").strip()
    if plain:
        targets.insert(0, Target(plain))
    rooms = [_room(child, url) for child in element if child.tag == "Conference"]
    if not targets and not rooms:
        raise BadTwiml(12100, "<Dial> names nobody")
    return Dial(
        targets=tuple(targets),
        room=rooms[0] if rooms else None,
        timeout_s=_number(element, "timeout", 30),
        action=_address(element, "action", url) if element.get("action") else None,
        caller_id=element.get("callerId", ""),
        hangup_on_star=_yes(element, "hangupOnStar", False),
        limit_s=_number(element, "timeLimit", 14400),
    )


def _record(element: Element, url: str) -> Record:
    return Record(
        max_length_s=_number(element, "maxLength", 3600),
        silence_s=_number(element, "timeout", 5),
        finish_on_key=element.get("finishOnKey", "1234567890*#"),
        action=_address(element, "action", url),
        status_callback=_callback(element, url, "recordingStatusCallback"),
        beeps=_yes(element, "playBeep", True),
    )


def _message(element: Element, url: str) -> Message:
    bodies = [_words(child) for child in element if child.tag == "Body"]
    media = tuple(_words(child) for child in element if child.tag == "Media")
    body = bodies[0] if bodies else (element.text or "").strip()
    callback = _callback(element, url) if element.get("statusCallback") else _action_or_none(element, url)
    return Message(body, element.get("to", ""), media, callback)


def _action_or_none(element: Element, url: str) -> Callback:
    return _address(element, "action", url) if element.get("action") else NOWHERE


_READERS: dict[str, Callable[[Element, str], Verb]] = {
    "Say": _say,
    "Play": _play,
    "Pause": _pause,
    "Gather": _gather,
    "Redirect": _redirect,
    "Hangup": _hangup,
    "Reject": _reject,
    "Dial": _dial,
    "Record": _record,
    "Message": _message,
}


def messages_in(document: Document) -> Iterator[Message]:
    """The texts that an answer to an inbound text wants sent."""
    return (verb for verb in document.verbs if isinstance(verb, Message))
