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
from oncall.adapters.telephony.fallback import text_document, voice_document
from oncall.adapters.telephony.statuses import CALL_OVER, PROGRESS, opt_out_of, plain_number
from oncall.adapters.telephony.trial_call import TrialCalls
from oncall.core.people import Hospital
from oncall.service.desk import Desk
from oncall.service.inbox import Inbox
from oncall.service.intake import CallIn, TextIn
from oncall.service.ports import Timepiece
from oncall.service.telephone import Telephone, UnknownCall

BURST, BURST_SPAN = 5, timedelta(minutes=1)

log = structlog.get_logger("twilio")
Handler = Callable[[web.Request, MultiDict[str]], Awaitable[str]]


class TwilioHooks:
    """The webhooks under /twilio. `count` is told the result of every request, for the metrics."""

    def __init__(
        self,
        desk: Desk,
        inbox: Inbox,
        telephone: Telephone,
        hospital: Hospital,
        clock: Timepiece,
        tokens: Sequence[str],
        count: Callable[[str, str], None] = lambda hook, result: None,
    ) -> None:
        self._desk, self._inbox, self._telephone = desk, inbox, telephone
        self._hospital, self._clock = hospital, clock
        self._validators = [RequestValidator(token) for token in tokens]
        self._count = count
        self._forged: list[datetime] = []
        self._trials = TrialCalls()

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
            "/twilio/voice/trial": self._trial,
        }
        return [
            web.post("/twilio/text", self._signed(self._text, self._text_refused)),
            web.post("/twilio/status", self._signed(self._status, self._status_refused)),
            web.post("/twilio/trial", self._signed(self._trial_key, self._status_refused)),
            *(web.post(path, self._signed(step, self._voice_refused)) for path, step in voice.items()),
        ]

    # --- every request -------------------------------------------------------------------------------------------

    def _signed(
        self, handler: Handler, fallback: Callable[[MultiDict[str]], str]
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
                return self._failed(fallback(form))
            self._count(request.path, "ok")
            return web.Response(text=body, content_type="text/xml")

        return handle

    def _failed(self, body: str) -> web.Response:
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

    def _text_refused(self, form: MultiDict[str]) -> str:
        """Words in the answer only when the store refuses: the emergency line and the operator's number."""
        return text_document(self._desk.handbooks.current().advice, self._hospital)

    def _voice_refused(self, form: MultiDict[str]) -> str:
        ours = _our_number(form) or self._hospital.line
        return voice_document(self._desk.handbooks.current().advice, self._hospital, caller_id=ours)

    def _status_refused(self, form: MultiDict[str]) -> str:
        return ""

    # --- texts and statuses ----------------------------------------------------------------------------------------

    async def _text(self, request: web.Request, form: MultiDict[str]) -> str:
        """A text from anybody."""
        body = form.get("Body", "")
        opt_out = form.get("OptOutType") or opt_out_of(body)
        media = int(form.get("NumMedia") or 0)
        await self._inbox.take(TextIn(form.get("MessageSid", ""), plain_number(form.get("From")), body, media, opt_out))
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
        elif status in CALL_OVER:
            await self._telephone.ended(_call(request, form))
        return str(MessagingResponse())

    # --- families' calls -------------------------------------------------------------------------------------------

    async def _picked_up(self, request: web.Request, form: MultiDict[str]) -> str:
        turn = await self._telephone.picked_up(_call(request, form))
        return twiml.family_turn(turn, 0, 0, plain_number(form.get("From")))

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
        return twiml.staff_turn(turn, message, 0, _our_number(form) or self._hospital.line)

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
        turn = await step(message, call)
        return twiml.staff_turn(turn, message, int(call.step), _our_number(form) or self._hospital.line)

    async def _family_answers(self, request: web.Request, form: MultiDict[str]) -> str:
        message = request.query["m"]
        turn = await self._telephone.family_answers(message)
        return twiml.staff_turn(turn, message, 0, _our_number(form) or self._hospital.line)

    async def _family_joins(self, request: web.Request, form: MultiDict[str]) -> str:
        call = _call(request, form)
        pressed = await self._telephone.family_joins(request.query["m"], call)
        return twiml.joined() if pressed else twiml.hang_up()

    async def _joined(self, request: web.Request, form: MultiDict[str]) -> str:
        """The joined call ended, or the family did not answer: the family-reached clock runs on (law 4)."""
        return twiml.hang_up()

    # --- trial calls -------------------------------------------------------------------------------------------------

    async def _trial(self, request: web.Request, form: MultiDict[str]) -> str:
        turn = request.query.get("turn", "0")
        return self._trials.step(request.query["t"], int(turn) if turn.isdigit() else 0, form.get("Digits", ""))

    async def _trial_key(self, request: web.Request, form: MultiDict[str]) -> str:
        """Asked by `oncall preflight`, which signs as the carrier does: the key, or nothing yet."""
        return self._trials.pressed(request.query["t"])


def _form(raw: bytes) -> MultiDict[str]:
    return MultiDict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True, errors="replace"))


def _is_placed_by_us(form: MultiDict[str]) -> bool:
    return form.get("Direction", "").startswith("outbound")


def _our_number(form: MultiDict[str]) -> str | None:
    """The number of ours that this call goes over: only that one may show itself when somebody is dialled on."""
    return plain_number(form.get("From" if _is_placed_by_us(form) else "To"))


def _call(request: web.Request, form: MultiDict[str]) -> CallIn:
    return CallIn(
        sid=form.get("CallSid", ""),
        number=plain_number(form.get("To" if _is_placed_by_us(form) else "From")),
        step=request.query.get("step", "0"),
        digits=form.get("Digits", ""),
        speech=form.get("SpeechResult", ""),
        language="es" if form.get("Language", "").startswith("es") else "en",
    )


def _code(form: MultiDict[str]) -> int | None:
    told = form.get("ErrorCode")
    return int(told) if told and told.isdigit() else None
