"""Which route a message takes, by what came of the ones before it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from oncall.adapters.clock import VirtualClock
from oncall.adapters.telephony.breaker import REST
from oncall.adapters.telephony.rate import Gate
from oncall.adapters.telephony.routes import Route, Routes
from oncall.core.case.messages import Channel, Lane, Message, Outcome, Purpose, Verdict

NOW = datetime(2026, 11, 25, 8, 4, tzinfo=UTC)
PAGE = Message(
    id="c1.0123456789ab",
    case="c1",
    channel=Channel.SMS,
    purpose=Purpose.PAGE,
    lane=Lane.EMERGENCY,
    to="+16175550110",
    body="EMERGENCY pump call #K7",
)
TO_FAMILY = replace(PAGE, id="c1.aaaaaaaaaaaa", purpose=Purpose.FAMILY, lane=Lane.FAMILY)
MOVE = replace(PAGE, id="c1.bbbbbbbbbbbb", channel=Channel.MOVE, purpose=Purpose.BRIDGE, body="join", target="CA1")
TAKEN = Outcome(Verdict.ACCEPTED, "SM1")
BUSY = Outcome(Verdict.REFUSED_FOR_NOW, code=20503)
NO_TOKEN = Outcome(Verdict.REFUSED_FOR_NOW, code=20003)
NOT_REGISTERED = Outcome(Verdict.REFUSED_FOR_GOOD, code=30034)
NOT_ITS_CALL = Outcome(Verdict.REFUSED_FOR_GOOD)
OVER = Outcome(Verdict.REFUSED_FOR_GOOD, code=21220)
OPTED_OUT = Outcome(Verdict.REFUSED_FOR_GOOD, code=21610)


@dataclass
class Line:
    """A twin of one account: it answers as it is told and remembers what it was asked."""

    answers: Outcome = TAKEN
    found: Outcome | None = None
    calls: tuple[str, ...] = ()
    sent: list[str] = field(default_factory=list)

    async def turn(self, message: Message) -> None:
        return None

    def waiting(self) -> int:
        return 0

    async def send(self, message: Message, attempt: int) -> Outcome:
        self.sent.append(message.id)
        return self.answers

    async def find(self, message: Message, since: datetime) -> Outcome | None:
        return self.found

    async def stop(self, sid: str) -> Outcome:
        return Outcome(Verdict.ACCEPTED, sid) if sid in self.calls else replace(self.answers, sid=None)

    async def close(self) -> None:
        return None


class Hung(Line):
    """An account that never answers."""

    async def send(self, message: Message, attempt: int) -> Outcome:
        await asyncio.Event().wait()
        return TAKEN


def two(first: Outcome = TAKEN, second: Outcome = TAKEN) -> tuple[Routes, Line, Line, VirtualClock]:
    clock, lines = VirtualClock(NOW), (Line(first), Line(second))
    routes = [
        Route(name, line, Gate(clock, 100), Gate(clock, 100))
        for name, line in zip(("first", "second"), lines, strict=True)
    ]
    return Routes(routes, clock), *lines, clock


async def test_the_first_route_carries_while_it_works_and_the_outcome_names_it() -> None:
    routes, _, second, _ = two()
    assert await routes.send(PAGE, 1) == replace(TAKEN, route="first")
    assert second.sent == []


async def test_after_two_refusals_for_now_the_second_is_asked() -> None:
    routes, first, _, _ = two(BUSY)
    went = [await routes.send(PAGE, attempt) for attempt in (1, 2, 3)]
    assert [outcome.route for outcome in went] == ["first", "first", "second"]
    assert went[-1].verdict is Verdict.ACCEPTED
    assert len(first.sent) == 2


@pytest.mark.parametrize("refusal", [NO_TOKEN, NOT_REGISTERED])
async def test_a_refusal_for_a_reason_of_the_account_goes_on_to_the_second_at_once(refusal: Outcome) -> None:
    routes, _, _, _ = two(refusal)
    assert await routes.send(PAGE, 1) == replace(TAKEN, route="second")


async def test_a_refusal_for_a_reason_of_the_phone_does_not() -> None:
    routes, _, second, _ = two(OPTED_OUT)
    assert await routes.send(PAGE, 1) == replace(OPTED_OUT, route="first")
    assert second.sent == []


async def test_a_route_that_keeps_failing_is_no_longer_first_for_anybody() -> None:
    routes, first, _, _ = two(BUSY)
    for n in range(3):
        await routes.send(replace(PAGE, id=f"c{n}.0"), 1)
    assert (await routes.send(PAGE, 1)).route == "second"
    assert len(first.sent) == 3
    assert routes.open_breakers() == {"first": True, "second": False}


async def test_a_phone_that_refuses_is_no_failure_of_the_route() -> None:
    routes, _, _, _ = two(OPTED_OUT)
    for n in range(5):
        await routes.send(replace(PAGE, id=f"c{n}.0"), 1)
    assert routes.open_breakers()["first"] is False


async def test_after_a_rest_one_message_tries_the_first_again_and_all_return_when_it_works() -> None:
    routes, first, _, clock = two(BUSY)
    for n in range(3):
        await routes.send(replace(PAGE, id=f"c{n}.0"), 1)
    clock.step(REST)
    probes = len(first.sent)
    assert (await routes.send(PAGE, 1)).route == "second", "no emergency is spent on trying"
    assert await routes.send(TO_FAMILY, 1) == replace(TAKEN, route="second"), "a try that fails goes on at once"
    assert len(first.sent) == probes + 1
    first.answers = TAKEN
    clock.step(REST)
    assert (await routes.send(TO_FAMILY, 1)).route == "first"
    assert (await routes.send(PAGE, 1)).route == "first"


async def test_with_every_route_failing_an_emergency_is_still_tried() -> None:
    routes, first, second, _ = two(BUSY, BUSY)
    for n in range(8):
        await routes.send(replace(PAGE, id=f"c{n}.0"), n + 1)
    before = len(first.sent) + len(second.sent)
    assert (await routes.send(PAGE, 1)).verdict is Verdict.REFUSED_FOR_NOW
    assert len(first.sent) + len(second.sent) > before


async def test_a_single_route_is_always_tried() -> None:
    clock, line = VirtualClock(NOW), Line(BUSY)
    routes = Routes([Route("first", line, Gate(clock, 100), Gate(clock, 100))], clock)
    for attempt in range(1, 8):
        await routes.send(PAGE, attempt)
    assert len(line.sent) == 7


async def test_a_text_that_went_out_is_found_on_whichever_route_has_it() -> None:
    routes, _, second, _ = two()
    assert await routes.find(PAGE, NOW) is None
    second.found = TAKEN
    assert await routes.find(PAGE, NOW) == replace(TAKEN, route="second")


async def test_a_call_is_stopped_by_the_route_that_knows_it() -> None:
    routes, first, second, _ = two(BUSY)
    second.calls = ("CA2",)
    assert await routes.stop("CA2") == Outcome(Verdict.ACCEPTED, "CA2"), "the other one's trouble does not matter"
    assert (await routes.stop("CA9")).verdict is Verdict.REFUSED_FOR_NOW
    first.answers = TAKEN
    assert (await routes.stop("CA9")).verdict is Verdict.ACCEPTED


async def test_each_number_has_its_own_pace() -> None:
    clock = VirtualClock(NOW)
    first, second = Line(BUSY), Line()
    routes = Routes(
        [Route(name, line, Gate(clock, 1), Gate(clock, 1)) for name, line in (("first", first), ("second", second))],
        clock,
    )
    await routes.turn(PAGE)
    assert routes.waiting() == 0
    await routes.turn(replace(PAGE, channel=Channel.STOP))
    await routes.turn(replace(PAGE, channel=Channel.VOICE))
    assert clock.now() == NOW, "a stop waits for nobody, and calls are not texts"
    await routes.send(PAGE, 3)
    clock.step(timedelta(seconds=1))
    await routes.turn(PAGE)
    assert first.sent == []


# --- live calls ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", [Channel.MOVE, Channel.SAY])
async def test_a_live_call_is_moved_by_the_route_that_placed_it(channel: Channel) -> None:
    routes, _, _, _ = two(NOT_ITS_CALL, replace(TAKEN, sid=None))
    outcome = await routes.send(replace(MOVE, channel=channel), 1)
    assert outcome == Outcome(Verdict.ACCEPTED, route="second")


@pytest.mark.parametrize("other", [NOT_ITS_CALL, BUSY, NO_TOKEN])
async def test_a_call_that_is_over_is_over_whatever_the_other_route_says(other: Outcome) -> None:
    routes, _, _, _ = two(other, OVER)
    assert await routes.send(MOVE, 1) == replace(OVER, route="second")


async def test_a_move_is_tried_again_while_the_route_that_may_have_the_call_is_in_trouble() -> None:
    routes, _, _, _ = two(NOT_ITS_CALL, BUSY)
    assert (await routes.send(MOVE, 1)).verdict is Verdict.REFUSED_FOR_NOW


async def test_a_call_that_no_route_has_is_refused_for_good() -> None:
    routes, _, _, _ = two(NOT_ITS_CALL, NOT_ITS_CALL)
    assert (await routes.send(MOVE, 1)).verdict is Verdict.REFUSED_FOR_GOOD


async def test_moves_wait_at_no_gate_and_say_nothing_of_a_route() -> None:
    routes, first, _, clock = two(NOT_ITS_CALL, NOT_ITS_CALL)
    for n in range(300):
        await routes.turn(MOVE)
        await routes.send(replace(MOVE, id=f"c{n}.0"), 1)
    assert clock.now() == NOW
    assert routes.waiting() == 0
    assert routes.open_breakers() == {"first": False, "second": False}
    assert len(first.sent) == 300


async def test_a_route_that_hangs_does_not_hold_up_the_one_that_has_the_call() -> None:
    clock, hung = VirtualClock(NOW), Hung()
    routes = Routes(
        [Route(n, line, Gate(clock, 1), Gate(clock, 1)) for n, line in (("first", hung), ("second", Line()))], clock
    )
    assert (await routes.send(MOVE, 1)).route == "second"


# --- calls that must meet others -------------------------------------------------------------------------------------

MEETS = replace(PAGE, id="c1.cccccccccccc", channel=Channel.VOICE, purpose=Purpose.LEG, route="second")


async def test_a_call_that_must_meet_others_goes_only_where_they_are() -> None:
    routes, first, _, _ = two(TAKEN, BUSY)
    went = [await routes.send(MEETS, attempt) for attempt in (1, 2, 3, 4)]
    assert [outcome.route for outcome in went] == ["second"] * 4
    assert first.sent == []


async def test_a_call_that_cannot_come_to_the_others_has_failed_and_is_not_tried_for_ever() -> None:
    routes, _, _, _ = two(TAKEN, BUSY)
    went = [await routes.send(MEETS, attempt) for attempt in (1, 2, 3, 4)]
    assert [outcome.verdict for outcome in went] == [Verdict.REFUSED_FOR_NOW] * 3 + [Verdict.REFUSED_FOR_GOOD]


async def test_of_a_single_route_everything_is_tried_for_ever() -> None:
    clock = VirtualClock(NOW)
    routes = Routes([Route("second", Line(BUSY), Gate(clock, 100), Gate(clock, 100))], clock)
    assert (await routes.send(MEETS, 9)).verdict is Verdict.REFUSED_FOR_NOW
