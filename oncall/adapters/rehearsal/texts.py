"""Texts, both ways: accepted, carried, delivered or not, and the carrier's own reserved words.

STOP blocks the line's texts to that phone with a canned reply, HELP gets one, START undoes it; the house is
told all the same, with OptOutType. Deliberately not here: HTTP, and what a text means.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from oncall.adapters.rehearsal import numbers
from oncall.adapters.rehearsal.phones import Handset, Mode
from oncall.adapters.rehearsal.records import VERSION, Picture, Refusal, Text
from oncall.adapters.rehearsal.twiml import Message, messages_in
from oncall.service.rules.text_measures import segments

if TYPE_CHECKING:
    from oncall.adapters.rehearsal.carrier import Carrier

_STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
_START = frozenset({"START", "YES", "UNSTOP"})
_HELP = frozenset({"HELP", "INFO"})
_CANNED = {
    "STOP": "You have successfully been unsubscribed. You will not receive any more messages from this "
    "number. Reply START to resubscribe.",
    "START": "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
    "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    "HELP": "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}
_LONGEST = 1600


class Texts:
    """Every text the carrier has seen, newest last, and the phones that have said STOP."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self.all: dict[str, Text] = {}
        self.pictures: dict[str, Picture] = {}
        self._stopped: set[str] = set()
        self._waiting: dict[str, list[Text]] = {}

    def is_stopped(self, number: str) -> bool:
        return number in self._stopped

    def stop_from_the_start(self, numbers: Iterable[str]) -> None:
        """These phones said STOP before the training ground opened."""
        self._stopped.update(numbers)

    # from the house to a phone

    def new(self, to: str, sender: str, body: str, *, media: tuple[str, ...] = (), **details: object) -> Text:
        """A text that the house wants sent; raises Refusal as the REST interface does."""
        self._refuse(to, sender, body, media)
        sid = self._carrier.new_sid("MM" if media else "SM")
        now = self._carrier.pulse.now()
        account = self._carrier.line.account_sid
        text = Text(sid, account, sender, to, body, "outbound-api", now, media=media, **details)  # type: ignore[arg-type]
        self.all[sid] = text
        return text

    def _refuse(self, to: str, sender: str, body: str, media: tuple[str, ...]) -> None:
        self._carrier.refuse_unreal(to, missing=21604)
        if sender != self._carrier.line.number:
            raise Refusal(21606)
        if to == sender:
            raise Refusal(21266)
        if not body and not media:
            raise Refusal(21602)
        if len(body) > _LONGEST:
            raise Refusal(21617)
        if self.is_stopped(to):
            raise Refusal(21610)

    def carry(self, text: Text) -> None:
        """Send it on its way."""
        self._carrier.pulse.start(self._carry(text))

    async def _carry(self, text: Text) -> None:
        pulse, faults = self._carrier.pulse, self._carrier.faults
        late = faults.take("text", text.to, "delay_text")
        await pulse.pause(timedelta(seconds=self._carrier.pace.text_s / 2))
        if text.status == "canceled":
            return
        self._move(text, "sent")
        await pulse.pause(timedelta(seconds=late.seconds if late else self._carrier.pace.text_s / 2))
        if faults.take("text", text.to, "vanish"):
            return
        if (filtered := faults.take("text", text.to, "filter")) is not None:
            self._move(text, "undelivered", filtered.code)
        elif faults.take("text", text.to, "lie_delivered"):
            self._move(text, "delivered")
        else:
            await self._reach(text)

    async def _reach(self, text: Text) -> None:
        handset = self._carrier.phones.get(text.to)
        if handset is None:
            self._move(text, "undelivered", 30005)
        elif handset.mode is Mode.LANDLINE:
            self._move(text, "undelivered", 30006)
        elif handset.mode is Mode.OFF:
            await self._wait_for_phone(handset, text)
        else:
            self._hand_over(handset, text)

    def _hand_over(self, handset: Handset, text: Text) -> None:
        handset.receive(text.body, text.media, self._carrier.pulse.now())
        self._move(text, "delivered")

    async def _wait_for_phone(self, handset: Handset, text: Text) -> None:
        """A switched off phone gets its texts when it is on again, unless that outlasts their validity."""
        waiting = self._waiting.setdefault(handset.number, [])
        waiting.append(text)
        patience = self._carrier.pace.unreachable_after_s
        await self._carrier.pulse.pause(timedelta(seconds=min(patience, text.validity_s or patience)))
        if text in waiting:
            waiting.remove(text)
            self._move(text, "undelivered", 30003)

    def deliver_waiting(self, handset: Handset) -> None:
        """The phone is on again."""
        waiting = self._waiting.get(handset.number, [])
        while waiting:
            self._hand_over(handset, waiting.pop(0))

    def _move(self, text: Text, status: str, error_code: int | None = None) -> None:
        text.move(status, self._carrier.pulse.now(), error_code)
        params = {
            "AccountSid": text.account_sid,
            "ApiVersion": VERSION,
            "From": text.sender,
            "To": text.to,
            "MessageSid": text.sid,
            "SmsSid": text.sid,
            "MessageStatus": status,
            "SmsStatus": status,
        }
        if error_code:
            params["ErrorCode"] = str(error_code)
        if status == "delivered":
            params["RawDlrDoneDate"] = f"{self._carrier.pulse.now():%y%m%d%H%M}"
        self._carrier.callbacks.send("text", text.sid, text.to, text.status_callback, params, status)
        self._carrier.pulse.changed()

    # from a phone to the house

    def take_from(
        self,
        handset: Handset,
        words: str,
        media: tuple[str, ...],
        sid: str | None,
        shown_as: str | None,
        pictures: Sequence[bytes] = (),
    ) -> Text:
        """A phone has texted the line: tell the house, and do what it answers. `media` are addresses elsewhere,
        `pictures` the bytes of what it attached."""
        sid = sid or self._carrier.new_sid("MM" if media or pictures else "SM")
        media = (*media, *(self._keep(sid, body) for body in pictures))
        line = self._carrier.line
        now = self._carrier.pulse.now()
        sender = shown_as or handset.number
        text = Text(sid, line.account_sid, sender, line.number, words, "inbound", now, media=media)
        text.move("received", now)
        self.all[sid] = text
        handset.sent(words, media, now)
        self._carrier.pulse.start(self._tell_house(handset, text, self._reserved(handset, words)))
        return text

    def _keep(self, message: str, body: bytes) -> str:
        """The address under which the house may fetch it."""
        sid, account = self._carrier.new_sid("ME"), self._carrier.line.account_sid
        picture = Picture(sid, account, message, body, "image/png", self._carrier.pulse.now())
        self.pictures[sid] = picture
        return f"{self._carrier.api_url}{picture.path}"

    def _reserved(self, handset: Handset, words: str) -> str | None:
        """The carrier's own reading of a one-word text, with its canned reply."""
        word = words.strip().upper()
        kind = "STOP" if word in _STOP else "HELP" if word in _HELP else None
        if word in _START and (self.is_stopped(handset.number) or word == "START"):
            kind = "START"
        if kind == "STOP":
            self._stopped.add(handset.number)
        elif kind == "START":
            self._stopped.discard(handset.number)
        if kind is not None:
            handset.receive(_CANNED[kind], (), self._carrier.pulse.now(), note="from the carrier itself")
        return kind

    async def _tell_house(self, handset: Handset, text: Text, reserved: str | None) -> None:
        line = self._carrier.line
        params = _inbound_params(text, line.number)
        if reserved and line.advanced_opt_out:
            params["OptOutType"] = reserved
        if self._carrier.loses_webhook("text", handset.number):
            return
        twice = self._carrier.faults.take("text", handset.number, "repeat_webhook") is not None
        document = await self._carrier.asking.document(line.text, line.text_fallback, params, twice=twice)
        if document is None:
            self._carrier.alarm(f"text {text.sid} was dropped: nobody took it")
            return
        for message in messages_in(document):
            self._reply(text, message)

    def _reply(self, text: Text, message: Message) -> None:
        """Send a <Message>; what the REST interface would refuse is only noted."""
        to = message.to or text.sender
        try:
            reply = self.new(to, self._carrier.line.number, message.body, media=message.media)
        except Refusal as refused:
            self._carrier.alarm(f"the answer to {text.sid} was not sent: {refused}")
            return
        reply.direction, reply.status_callback = "outbound-reply", message.status_callback
        self.carry(reply)


def _inbound_params(text: Text, line_number: str) -> dict[str, str]:
    params = {
        "AccountSid": text.account_sid,
        "ApiVersion": VERSION,
        "Body": text.body,
        "From": text.sender,
        "To": line_number,
        "MessageSid": text.sid,
        "SmsMessageSid": text.sid,
        "SmsSid": text.sid,
        "SmsStatus": "received",
        "NumMedia": str(len(text.media)),
        "NumSegments": str(segments(text.body)),
        **numbers.place_fields("From", text.sender),
        **numbers.place_fields("To", line_number),
    }
    for n, url in enumerate(text.media):
        params[f"MediaUrl{n}"] = url
        params[f"MediaContentType{n}"] = "image/jpeg"
    return params
