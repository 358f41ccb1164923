"""What Twilio tells us: texts and calls in, steps of calls, and how far our messages got.

Every request is signed over the configured public address (never over a Host header); a missing or wrong signature is
403, counted, and a burst of them is an alarm. Store, then answer: words are in the answer only when the store
refuses, and then they are the emergency sentence (RULINGS 7). Deliberately not here: what anything means.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from html import escape
from urllib.parse import parse_qsl

import structlog
from aiohttp import web
from multidict import MultiDict
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse

from oncall.adapters.telephony import own_door, twiml
from oncall.adapters.telephony.fallback import text_document, voice_document
from oncall.adapters.telephony.operator_calls import OperatorCalls
from oncall.adapters.telephony.statuses import CALL_OVER, PROGRESS, opt_out_of, plain_number
from oncall.adapters.telephony.trial_call import TrialCalls
from oncall.adapters.telephony.twilio_files import enclosed
from oncall.core.case import staff_calls
from oncall.core.notices import is_notice
from oncall.core.people import Hospital
from oncall.core.reports import Enclosed
from oncall.service.desk import Desk
from oncall.service.intake import CallIn, TextIn
from oncall.service.line.carrier_heard import CarrierHeard
from oncall.service.line.emergency_journal import Door, EmergencyJournal
from oncall.service.line.kept_contacts import CallStep
from oncall.service.notice_answers import NoticeAnswers
from oncall.service.ports.timepiece import Timepiece
from oncall.service.telephone.inbox import Inbox
from oncall.service.telephone.placed_calls import UnknownCall
from oncall.service.telephone.staff_keys import Step
from oncall.service.telephone.steps import Telephone

BURST, BURST_SPAN = 5, timedelta(minutes=1)
SURE = 0.5  # below this the carrier itself is not sure what it heard
MOST_MEDIA = 10  # of one text, at this carrier
HUNG_UP = "hangup"  # stands for the key that ended a recording

log = structlog.get_logger("twilio")
Handler = Callable[[web.Request, MultiDict[str]], Awaitable[str]]
Kept = tuple[Door | None, TextIn | CallStep | CallIn | str]  # None: nothing of a family's is lost
Keeper = Callable[[web.Request, MultiDict[str]], Kept]


class TwilioHooks:
    """The webhooks under /twilio. `count` is told the result of every request, for the metrics."""

    def __init__(
        self,
        desk: Desk,
        inbox: Inbox,
        telephone: Telephone,
        answers: NoticeAnswers,
        hospital: Hospital,
        clock: Timepiece,
        tokens: Sequence[str],
        journal: EmergencyJournal,
        operator: OperatorCalls,
        count: Callable[[str, str], None] = lambda hook, result: None,
    ) -> None:
        self._desk, self._inbox, self._telephone, self._answers = desk, inbox, telephone, answers
        self._hospital, self._clock = hospital, clock
        self._validators = [RequestValidator(token) for token in tokens]
        self._aside, self._operator = journal, operator
        self._count = count
        self.heard = CarrierHeard()
        self.forged: deque[datetime] = deque(maxlen=BURST)  # a flood of them must cost no time
        self._trials = TrialCalls()

    def routes(self) -> list[web.RouteDef]:
        """All webhooks; voice ones answer every trouble with the emergency sentence and the operator."""
        voice: dict[str, Handler] = {
            "/twilio/voice": self._picked_up,
            "/twilio/voice/said": self._said,
            "/twilio/voice/out": self._answered,
            "/twilio/voice/out/family": self._family_answers,
            "/twilio/voice/out/connect": self._family_joins,
            "/twilio/voice/out/joined": self._joined,
            "/twilio/voice/out/left": self._left,
            "/twilio/voice/moved": self._moved,
            "/twilio/voice/spoken": self._spoken,
            "/twilio/voice/room/wait": self._waits_in_room,
            **{
                f"/twilio/voice/out/{name}": self._staff_step(step) for name, step in self._telephone.keys.steps.items()
            },
            "/twilio/voice/notice": self._notice_heard,
            "/twilio/voice/notice/key": self._notice_keyed,
            "/twilio/voice/trial": self._trial,
        }
        kept: dict[str, Keeper] = {"/twilio/voice": _kept_call, "/twilio/voice/said": _kept_call}
        return [
            web.post("/twilio/text", self._signed(self._text, self._text_refused, _kept_text)),
            web.post("/twilio/status", self._signed(self._status, self._status_refused)),
            web.post("/twilio/recording", self._signed(self._recorded, self._status_refused, _kept_recording)),
            web.post("/twilio/voice/room", self._signed(self._room, self._status_refused)),
            web.post("/twilio/voice/out/machine", self._signed(self._machine, self._status_refused)),
            web.post("/twilio/trial", self._signed(self._trial_key, self._status_refused)),
            web.post(own_door.PATH, self._signed(self._proof, self._status_refused)),
            *(web.post(path, self._signed(step, self._voice_refused, kept.get(path))) for path, step in voice.items()),
        ]

    # --- every request -------------------------------------------------------------------------------------------

    def _signed(
        self, handler: Handler, fallback: Callable[[MultiDict[str]], str], keeper: Keeper | None = None
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            came_at = self._clock.now()
            form = _form(await request.read())
            if not self._is_genuine(request, form):
                return self._forgery(request)
            try:
                body = await handler(request, form)
            except UnknownCall:
                self._note(request, "unknown", came_at)
                body = twiml.hang_up()
            except Exception as problem:  # around one message: the family must hear something that helps
                self._note(request, "failed", came_at)
                log.error("webhook failed", path=request.path, exc_info=problem)
                if keeper is not None:
                    await self._keep(keeper, request, form)
                return self._failed(fallback(form))
            self._note(request, "ok", came_at)
            return web.Response(text=body, content_type="text/xml")

        return handle

    def _note(self, request: web.Request, result: str, came_at: datetime) -> None:
        now = self._clock.now()
        self._count(request.path, result)
        if request.path != own_door.PATH:  # there it is we ourselves who ask
            self.heard.request(result, now, now - came_at)

    async def _keep(self, keeper: Keeper, request: web.Request, form: MultiDict[str]) -> None:
        """What a family told us waits beside the store; a clinician's key does not: he hears that it was not taken."""
        try:
            door, told = keeper(request, form)
        except ValueError as problem:
            door, told = Door.TORN, "&".join(f"{name}={value}" for name, value in form.items())
            log.error("the webhook itself cannot be read", exc_info=problem)
        if door is not None:
            await self._aside.keep(door, told)

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
        self.forged.append(now)
        self._note(request, "forged", now)
        if len(self.forged) == BURST and now - self.forged[0] < BURST_SPAN:
            log.critical("burst of webhooks without a true signature: check the public address and the token")
        return web.Response(status=403, text="This request does not carry the carrier's signature for our address.")

    def _text_refused(self, form: MultiDict[str]) -> str:
        """Words in the answer only when the store refuses: the emergency line and the operator's number."""
        return text_document(self._desk.handbooks.current().advice, self._hospital)

    def _voice_refused(self, form: MultiDict[str]) -> str:
        advice = self._desk.handbooks.current().advice
        return voice_document(advice, self._hospital, caller_id=self._shown(form))

    def _shown(self, form: MultiDict[str]) -> str:
        """Only the number that this call goes over may show itself when somebody is dialled on."""
        return _our_number(form) or self._hospital.line

    def _status_refused(self, form: MultiDict[str]) -> str:
        return ""

    # --- texts and statuses ----------------------------------------------------------------------------------------

    async def _text(self, request: web.Request, form: MultiDict[str]) -> str:
        """A text from anybody."""
        await self._inbox.take(_text_in(form))
        return str(MessagingResponse())

    async def _status(self, request: web.Request, form: MultiDict[str]) -> str:
        """How far a message of ours got, or the end of a family's call."""
        status = form.get("MessageStatus") or form.get("CallStatus") or ""
        sid = form.get("MessageSid") or form.get("CallSid")
        message, progress = request.query.get("m"), PROGRESS.get(status)
        if message and self._operator.is_one(message):
            return str(MessagingResponse())
        if message and is_notice(message):
            if progress is not None:
                await self._answers.progress(message, progress, sid, _code(form))
        elif message:
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
        return twiml.family_turn(turn, 0, 0)

    async def _said(self, request: web.Request, form: MultiDict[str]) -> str:
        call, silences = _call(request, form), _count(request.query.get("silent"))
        if form.get("Digits") == HUNG_UP:
            return await self._hung_up_recording(call)
        turn = await self._telephone.said(call, request.query.get("q", ""), silences)
        if turn.staff is not None:
            return twiml.staff_turn(turn, turn.staff, _count(call.step), self._shown(form))
        quiet = not (call.digits or call.speech) and turn.ask == request.query.get("q")
        silent = silences + 1 if quiet else 0
        return twiml.family_turn(turn, _count(call.step), silent)

    async def _hung_up_recording(self, call: CallIn) -> str:
        if call.recording is not None:
            await self._telephone.recorded(call, call.recording)
        return twiml.hang_up()

    async def _recorded(self, request: web.Request, form: MultiDict[str]) -> str:
        """A recording is ready, also when the call's own next step never reached us."""
        call = _recorded_call(request, form)
        if call.recording is not None and form.get("RecordingStatus", "completed") == "completed":
            await self._telephone.recorded(call, call.recording)
        return str(MessagingResponse())

    # --- calls that we placed ----------------------------------------------------------------------------------------

    async def _answered(self, request: web.Request, form: MultiDict[str]) -> str:
        call, message = _call(request, form), request.query["m"]
        turn = await self._telephone.answered(message, call)
        if turn.family:
            return twiml.family_turn(turn, 0, 0)
        return twiml.staff_turn(turn, message, 0, self._shown(form))

    def _staff_step(self, step: Step) -> Handler:
        """A key of a clinician's call; silence is counted, so that the menu goes on and ends."""

        async def handle(request: web.Request, form: MultiDict[str]) -> str:
            call, message = _call(request, form), request.query["m"]
            silences = 0 if call.digits else _count(request.query.get("silent")) + 1
            turn = await step(message, call, silences)
            return twiml.staff_turn(turn, message, _count(call.step), self._shown(form), silences)

        return handle

    # --- the talk ----------------------------------------------------------------------------------------------------

    async def _family_answers(self, request: web.Request, form: MultiDict[str]) -> str:
        message = request.query["m"]
        turn = await self._telephone.talk.family_answers(message)
        return twiml.staff_turn(turn, message, 0, self._shown(form))

    async def _family_joins(self, request: web.Request, form: MultiDict[str]) -> str:
        call, message = _call(request, form), request.query["m"]
        turn = await self._telephone.talk.family_joins(message, call)
        return twiml.hang_up() if turn is None else twiml.family_leg_turn(turn, message, _count(call.step))

    async def _joined(self, request: web.Request, form: MultiDict[str]) -> str:
        """The dialled call ended, or the family did not answer: the family-reached clock runs on (law 4)."""
        return twiml.hang_up()

    async def _left(self, request: web.Request, form: MultiDict[str]) -> str:
        """A line of ours came out of the conference."""
        call, message = _call(request, form), request.query["m"]
        is_live, status = form.get("CallStatus") == "in-progress", form.get("DialCallStatus", "")
        turn = await self._telephone.talk.left(message, call, status, is_live)
        return (
            twiml.hang_up() if turn is None else twiml.staff_turn(turn, message, _count(call.step), self._shown(form))
        )

    async def _moved(self, request: web.Request, form: MultiDict[str]) -> str:
        """A live call was given other words."""
        call = _call(request, form)
        moved = await self._telephone.talk.moved(request.query["m"], call)
        if moved.message is not None:
            return twiml.staff_turn(moved.turn, moved.message, moved.step, self._shown(form))
        return twiml.family_turn(moved.turn, moved.step, 0)

    async def _spoken(self, request: web.Request, form: MultiDict[str]) -> str:
        """A sentence into a running conference."""
        return twiml.spoken(await self._telephone.talk.spoken(request.query["m"]))

    async def _waits_in_room(self, request: web.Request, form: MultiDict[str]) -> str:
        who = request.query.get("who", "")
        turn = self._telephone.talk.waiting_words(who == "staff", "es" if who.endswith("-es") else "en")
        return twiml.waiting_in_room(turn, who if who in ("staff", "family-es") else "family-en")

    async def _room(self, request: web.Request, form: MultiDict[str]) -> str:
        """Who is in the conference now."""
        case, event = request.query["c"], form.get("StatusCallbackEvent", "")
        await self._telephone.talk.room_changed(case, event, form.get("CallSid", ""), form.get("ConferenceSid", ""))
        return str(MessagingResponse())

    async def _machine(self, request: web.Request, form: MultiDict[str]) -> str:
        """The carrier's guess who picked up."""
        await self._telephone.talk.machine_heard(request.query["m"], form.get("AnsweredBy", ""))
        return str(MessagingResponse())

    # --- notices -----------------------------------------------------------------------------------------------------

    async def _notice_heard(self, request: web.Request, form: MultiDict[str]) -> str:
        message = request.query["m"]
        if self._operator.is_one(message):
            return self._operator.picked_up(message)
        return twiml.notice_turn(await self._answers.picked_up(message), message)

    async def _notice_keyed(self, request: web.Request, form: MultiDict[str]) -> str:
        message, call = request.query["m"], _call(request, form)
        if self._operator.is_one(message):
            return self._operator.keyed(message, call.digits)
        return twiml.notice_turn(await self._answers.keyed(message, call.digits, call.sid), message)

    # --- trial calls -------------------------------------------------------------------------------------------------

    async def _trial(self, request: web.Request, form: MultiDict[str]) -> str:
        turn = _count(request.query.get("turn"))
        return self._trials.step(request.query["t"], turn, form.get("Digits", ""))

    async def _trial_key(self, request: web.Request, form: MultiDict[str]) -> str:
        """Asked by `oncall preflight`, which signs as the carrier does: the key, or nothing yet."""
        return self._trials.pressed(request.query["t"])

    async def _proof(self, request: web.Request, form: MultiDict[str]) -> str:
        """Our own knock at this door: said back, so that nobody else can have answered for us."""
        return escape(form.get("nonce", "")[:64])


def _text_in(form: MultiDict[str]) -> TextIn:
    body = form.get("Body", "")
    media = max(_count(form.get("NumMedia")), sum(f"MediaUrl{n}" in form for n in range(MOST_MEDIA)))
    opt_out = form.get("OptOutType") or opt_out_of(body)
    sid, number = form.get("MessageSid", ""), plain_number(form.get("From"))
    return TextIn(sid, number, body, media, opt_out, enclosed=_enclosed(form, media))


def _recorded_call(request: web.Request, form: MultiDict[str]) -> CallIn:
    return CallIn(form.get("CallSid", ""), None, "0", recording=_recording(form))


def _kept_text(request: web.Request, form: MultiDict[str]) -> Kept:
    return Door.TEXT, _text_in(form)


def _kept_call(request: web.Request, form: MultiDict[str]) -> Kept:
    """A family's step; not what a clinician who rang us has keyed."""
    asked = request.query.get("q", "")
    is_staff = asked in (staff_calls.MINE, staff_calls.SLOT)
    return None if is_staff else Door.CALL, CallStep(_call(request, form), asked)


def _kept_recording(request: web.Request, form: MultiDict[str]) -> Kept:
    call = _recorded_call(request, form)
    return Door.RECORDING if call.recording is not None else None, call


def _form(raw: bytes) -> MultiDict[str]:
    return MultiDict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True, errors="replace"))


def _is_placed_by_us(form: MultiDict[str]) -> bool:
    return form.get("Direction", "").startswith("outbound")


def _our_number(form: MultiDict[str]) -> str | None:
    """The number of ours that this call goes over."""
    return plain_number(form.get("From" if _is_placed_by_us(form) else "To"))


def _call(request: web.Request, form: MultiDict[str]) -> CallIn:
    return CallIn(
        sid=form.get("CallSid", ""),
        number=plain_number(form.get("To" if _is_placed_by_us(form) else "From")),
        step=request.query.get("step", "0"),
        digits=form.get("Digits", "").replace(HUNG_UP, ""),
        speech=form.get("SpeechResult", ""),
        language="es" if form.get("Language", "").startswith("es") else "en",
        doubtful=_is_doubtful(form.get("Confidence")),
        recording=_recording(form),
    )


def _is_doubtful(confidence: str | None) -> bool:
    try:
        return confidence is not None and float(confidence) < SURE
    except ValueError:
        return False


def _recording(form: MultiDict[str]) -> Enclosed | None:
    return enclosed(form.get("RecordingUrl", ""), form.get("RecordingDuration", ""))


def _enclosed(form: MultiDict[str], media: int) -> tuple[Enclosed, ...]:
    found = (enclosed(form.get(f"MediaUrl{n}", "")) for n in range(min(media, MOST_MEDIA)))
    return tuple(one for one in found if one is not None)


def _code(form: MultiDict[str]) -> int | None:
    return _count(form.get("ErrorCode")) or None


def _count(told: str | None) -> int:
    """A small number, or 0: an odd field of the carrier's must not cost a family its text."""
    return int(told) if told and told.isascii() and told.isdigit() and len(told) < 10 else 0
