"""What Twilio tells us: texts and calls in, steps of calls, and how far our messages got.

Every request is signed over the configured public address (never over a Host header); a missing or wrong signature is
403, counted, and a burst of them is an alarm. Store, then answer: words are in the answer only when the store
refuses, and then they are the emergency sentence (RULINGS 7). Deliberately not here: what anything means.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import structlog
from aiohttp import web
from multidict import MultiDict
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse

from oncall.adapters.telephony import twiml
from oncall.core.calls import Say
from oncall.core.messages import Progress
from oncall.core.people import Hospital
from oncall.core.wording import spoken_number
from oncall.service.desk import Desk
from oncall.service.intake import CallIn, Intake, TextIn
from oncall.service.ports import Register, Timepiece
from oncall.service.replies import Replies, StaffText
from oncall.service.telephone import Telephone, UnknownCall

WITHHELD = frozenset({"", "anonymous", "+266696687", "+86282452253", "unknown", "restricted", "unavailable"})
PROGRESS = {
    "queued": Progress.ACCEPTED, "initiated": Progress.ACCEPTED, "accepted": Progress.ACCEPTED,
    "sending": Progress.SENT, "sent": Progress.SENT, "ringing": Progress.RINGING,
    "in-progress": Progress.ANSWERED, "answered": Progress.ANSWERED,
    "delivered": Progress.DELIVERED, "read": Progress.DELIVERED, "completed": Progress.COMPLETED,
    "busy": Progress.BUSY, "no-answer": Progress.NO_ANSWER, "canceled": Progress.CANCELED,
    "undelivered": Progress.UNDELIVERED, "failed": Progress.FAILED,
}  # fmt: skip
BURST, BURST_SPAN = 5, timedelta(minutes=1)

log = structlog.get_logger("twilio")
Handler = Callable[[web.Request, MultiDict[str]], Awaitable[str]]


class TwilioHooks:
    """The webhooks under /twilio. `count` is told the result of every request, for the metrics."""

    def __init__(
        self,
        desk: Desk,
        register: Register,
        intake: Intake,
        replies: Replies,
        telephone: Telephone,
        hospital: Hospital,
        clock: Timepiece,
        tokens: Sequence[str],
        count: Callable[[str, str], None] = lambda hook, result: None,
    ) -> None:
        self._desk, self._register, self._intake = desk, register, intake
        self._replies, self._telephone, self._hospital, self._clock = replies, telephone, hospital, clock
        self._validators = [RequestValidator(token) for token in tokens]
        self._count = count
        self._forged: list[datetime] = []

    def routes(self) -> list[web.RouteDef]:
        """All webhooks; voice ones answer every trouble with the emergency sentence and the operator."""
        voice = {
            "/twilio/voice": self._picked_up,
            "/twilio/voice/said": self._said,
            "/twilio/voice/out": self._answered,
            "/twilio/voice/out/accept": self._accepted,
            "/twilio/voice/out/keys": self._keyed,
            "/twilio/voice/out/confirm": self._confirmed,
            "/twilio/voice/out/family": self._family_answers,
            "/twilio/voice/out/connect": self._family_joins,
            "/twilio/voice/out/joined": self._joined,
        }
        return [
            web.post("/twilio/text", self._signed(self._text, self._text_refused)),
            web.post("/twilio/status", self._signed(self._status, self._status_refused)),
            *(web.post(path, self._signed(step, self._voice_refused)) for path, step in voice.items()),
        ]

    # --- every request -------------------------------------------------------------------------------------------

    def _signed(
        self, handler: Handler, fallback: Callable[[], str]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            form = _form(await request.read())
            if not self._is_genuine(request, form):
                return self._forgery(request)
            try:
                body = await handler(request, form)
            except UnknownCall:
                self._count(request.path, "unknown")
                body = twiml.hang_up()
            except Exception as problem:  # around one message: the family must hear something that helps
                self._count(request.path, "failed")
                log.error("webhook failed", path=request.path, exc_info=problem)
                return self._failed(fallback)
            self._count(request.path, "ok")
            return web.Response(text=body, content_type="text/xml")

        return handle

    def _failed(self, fallback: Callable[[], str]) -> web.Response:
        body = fallback()
        if not body:
            return web.Response(status=503, text="The line could not store this; please send it again.")
        return web.Response(text=body, content_type="text/xml")

    def _is_genuine(self, request: web.Request, form: MultiDict[str]) -> bool:
        signature = request.headers.get("X-Twilio-Signature")
        if not signature:
            return False
        url = f"{self._hospital.public_url}{request.rel_url}"
        return any(validator.validate(url, form, signature) for validator in self._validators)

    def _forgery(self, request: web.Request) -> web.Response:
        now = self._clock.now()
        self._forged = [at for at in self._forged if now - at < BURST_SPAN] + [now]
        self._count(request.path, "forged")
        if len(self._forged) >= BURST:
            log.critical("burst of webhooks without a true signature: check the public address and the token")
        return web.Response(status=403, text="This request does not carry the carrier's signature for our address.")

    def _text_refused(self) -> str:
        """Words in the answer only when the store refuses: the emergency line and the operator's number."""
        answer = MessagingResponse()
        blanks = {"emergency": self._hospital.emergency_number, "operator": self._hospital.operator}
        answer.message(self._desk.handbooks.current().advice.say("text_store_refused", "en", **blanks))
        return str(answer)

    def _voice_refused(self) -> str:
        advice = self._desk.handbooks.current().advice
        number = spoken_number(self._hospital.emergency_number)
        sentences = tuple(
            Say(tongue, advice.say("voice_store_refused", tongue, emergency_spoken=number)) for tongue in ("en", "es")
        )
        return twiml.refused(sentences, self._hospital.operator, self._hospital.line)

    def _status_refused(self) -> str:
        return ""

    # --- texts and statuses ----------------------------------------------------------------------------------------

    async def _text(self, request: web.Request, form: MultiDict[str]) -> str:
        """A text from anybody: staff are answered by the reply grammar, everybody else is a family."""
        number, body, sid = _number(form.get("From")), form.get("Body", ""), form.get("MessageSid", "")
        person = await self._register.clinician_by_number(number) if number else None
        opt_out = form.get("OptOutType") or _opt_out(body)
        if person is not None and number is not None:
            if opt_out in ("STOP", "START"):
                await self._register.set_stopped(number, opt_out == "STOP", self._clock.now())
            await self._replies.take(person, StaffText(sid, number, body))
        else:
            media = int(form.get("NumMedia") or 0)
            await self._intake.take_text(TextIn(sid, number, body, media, opt_out))
        return str(MessagingResponse())

    async def _status(self, request: web.Request, form: MultiDict[str]) -> str:
        """How far a message of ours got, or the end of a family's call."""
        status = form.get("MessageStatus") or form.get("CallStatus") or ""
        sid = form.get("MessageSid") or form.get("CallSid")
        if message := request.query.get("m"):
            progress = PROGRESS.get(status)
            if progress is not None:
                await self._telephone.progress(message, progress, sid, _code(form))
            if status == "completed":
                await self._telephone.ended(_call(request, form))
        elif status in ("completed", "failed", "busy", "no-answer", "canceled"):
            await self._telephone.ended(_call(request, form))
        return str(MessagingResponse())

    # --- families' calls -------------------------------------------------------------------------------------------

    async def _picked_up(self, request: web.Request, form: MultiDict[str]) -> str:
        turn = await self._telephone.picked_up(_call(request, form))
        return twiml.family_turn(turn, 0, 0, _number(form.get("From")))

    async def _said(self, request: web.Request, form: MultiDict[str]) -> str:
        call, silences = _call(request, form), int(request.query.get("silent", 0))
        turn = await self._telephone.said(call, request.query.get("q", ""), silences)
        quiet = not (call.digits or call.speech) and turn.ask == request.query.get("q")
        silent = silences + 1 if quiet else 0
        return twiml.family_turn(turn, int(call.step), silent, call.number)

    # --- calls that we placed ----------------------------------------------------------------------------------------

    async def _answered(self, request: web.Request, form: MultiDict[str]) -> str:
        call, message = _call(request, form), request.query["m"]
        turn = await self._telephone.answered(message, call)
        if turn.family:
            return twiml.family_turn(turn, 0, 0, call.number)
        return twiml.staff_turn(turn, message, 0, self._hospital.line)

    async def _accepted(self, request: web.Request, form: MultiDict[str]) -> str:
        return await self._staff_step(request, form, self._telephone.accepted)

    async def _keyed(self, request: web.Request, form: MultiDict[str]) -> str:
        return await self._staff_step(request, form, self._telephone.keyed)

    async def _confirmed(self, request: web.Request, form: MultiDict[str]) -> str:
        return await self._staff_step(request, form, self._telephone.confirmed)

    async def _staff_step(
        self, request: web.Request, form: MultiDict[str], step: Callable[[str, CallIn], Awaitable[Any]]
    ) -> str:
        call, message = _call(request, form), request.query["m"]
        return twiml.staff_turn(await step(message, call), message, int(call.step), self._hospital.line)

    async def _family_answers(self, request: web.Request, form: MultiDict[str]) -> str:
        message = request.query["m"]
        return twiml.staff_turn(await self._telephone.family_answers(message), message, 0, self._hospital.line)

    async def _family_joins(self, request: web.Request, form: MultiDict[str]) -> str:
        call = _call(request, form)
        pressed = await self._telephone.family_joins(request.query["m"], call)
        return twiml.joined() if pressed else twiml.hang_up()

    async def _joined(self, request: web.Request, form: MultiDict[str]) -> str:
        """The joined call ended, or the family did not answer: the family-reached clock runs on (law 4)."""
        return twiml.hang_up()


def _form(raw: bytes) -> MultiDict[str]:
    return MultiDict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True, errors="replace"))


def _number(told: str | None) -> str | None:
    """An E.164 number, or None for a withheld one."""
    return None if told is None or told.strip().lower() in WITHHELD or not told.startswith("+") else told.strip()


def _call(request: web.Request, form: MultiDict[str]) -> CallIn:
    placed_by_us = form.get("Direction", "").startswith("outbound")
    number = _number(form.get("To")) if placed_by_us else _number(form.get("From"))
    return CallIn(
        sid=form.get("CallSid", ""),
        number=number,
        step=request.query.get("step", "0"),
        digits=form.get("Digits", ""),
        speech=form.get("SpeechResult", ""),
        language="es" if form.get("Language", "").startswith("es") else "en",
    )


def _code(form: MultiDict[str]) -> int | None:
    told = form.get("ErrorCode")
    return int(told) if told and told.isdigit() else None


def _opt_out(body: str) -> str | None:
    """Carriers block after these words alone, whether or not they say so (standards.md 4)."""
    word = body.strip().upper()
    if word in {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}:
        return "STOP"
    return "START" if word in {"START", "UNSTOP", "YES"} else None
