"""The carrier's requests, its error numbers and what the vigil found, as lines of the page of health.

Numbers and their meaning stand in one table (`refusals`). Deliberately not here: gathering them (`carrier_heard`,
`vigil`), and the balance of the account, which `oncall preflight` asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from oncall.core.case.refusals import Fault, Refusal, Told, refusal_of
from oncall.core.wall_time import wall
from oncall.service.cases.board import span_words
from oncall.service.line.carrier_heard import Requests
from oncall.service.line.health_line import HealthLine, Mark
from oncall.service.line.vigil import Incident, Standing

SLOW = timedelta(seconds=5)  # the carrier hangs up on a webhook after 15
FORGERIES = 3  # since the last true one: then it is likely our own address or token
CODES = 8  # lines at most
PAST = 5  # incidents told
DO = {
    Fault.ACCOUNT: "Look at the account and its numbers in the carrier's console; oncall preflight says what it finds.",
    Fault.CARRIER: "Look at the carrier's status page. A text that did not arrive brought the call.",
    Fault.PHONE: "A red light under Team or Patients says whose; the text brought the call. Ask for another number.",
    Fault.MESSAGE: "The program or its wording made it: tell whoever maintains it. The text brought the call.",
}


def request_lines(seen: Requests) -> Iterator[HealthLine]:
    what = "The carrier's requests are answered"
    if seen.last_at is None:
        yield HealthLine(Mark.UNUSED, what, "none has come in the last day, or since the start.")
    else:
        spans = f"half within {_ms(seen.median)}, all but a hundredth within {_ms(seen.slow)}"
        told = f"{seen.count} in the last day, {spans}"
        if seen.failed:
            do = "Read the log at “webhook failed”. Families heard 911 and the operator; their words wait aside."
            yield HealthLine(Mark.BAD, what, f"{told}; {seen.failed} could not be stored", seen.last_at, do)
        elif seen.slow > SLOW:
            do = "Look at the machine's load and disk: the carrier gives up after 15 seconds and plays the fallback."
            yield HealthLine(Mark.BAD, what, told, seen.last_at, do)
        else:
            yield HealthLine(Mark.GOOD, what, told, seen.last_at)
    yield _forged(seen)


def _forged(seen: Requests) -> HealthLine:
    what = "Requests without the carrier's signature are refused"
    if not seen.forged:
        return HealthLine(Mark.GOOD, what, "none came in the last day")
    told = f"{seen.forged} came in the last day"
    if seen.forged_since_good >= FORGERIES:
        do = "If calls and texts fail: public.url or the token is not the carrier's. oncall preflight says which."
        told = f"{told}, {seen.forged_since_good} of them since the last true one"
        return HealthLine(Mark.BAD, what, told, seen.forged_at, do)
    return HealthLine(Mark.GOOD, what, told, seen.forged_at)


def _ms(span: timedelta) -> str:
    return f"{span / timedelta(milliseconds=1):.0f} ms"


def code_lines(codes: Mapping[int, int]) -> Iterator[HealthLine]:
    """Error numbers of the cases' messages."""
    if not codes:
        yield HealthLine(Mark.GOOD, "The carrier brings what we send", "no error number in the last day")
    for code, times in [*codes.items()][:CODES]:
        row = refusal_of(code)
        told = f"{times} {'time' if times == 1 else 'times'} in the last day: {row.sentence}"
        yield HealthLine(_weight(row), f"Error {code} of the carrier", told, None, DO[row.fault])
    if len(codes) > CODES:
        yield HealthLine(Mark.CLOSE, "More errors of the carrier", f"{len(codes) - CODES} other numbers: see /metrics")


def _weight(row: Refusal) -> Mark:
    """Red is what the account's keeper must mend; one telephone that was off is not the line's fault."""
    return Mark.BAD if row.told is Told.KEEPER else Mark.CLOSE


def vigil_lines(standing: Sequence[Standing], past: Sequence[Incident], zone: str) -> Iterator[HealthLine]:
    """What is not in order now, and what was not since the service started: a start forgets it."""
    for one in standing:
        if one.is_wrong and one.wrong is not None:
            do = f"Runbook: {one.advice}."
            yield HealthLine(Mark.BAD, f"The vigil finds {one.name} in order", one.wrong, one.held_at, do)
    if past:
        told = "; ".join(_incident(one, zone) for one in [*past][-PAST:])
        yield HealthLine(Mark.GOOD, "What was out of order since the service started holds again", told)
    elif standing:
        yield HealthLine(Mark.GOOD, "Nothing was out of order and mended", "since the service started")


def _incident(one: Incident, zone: str) -> str:
    began = wall(one.began_at, zone)
    return f"{one.name}, {began:%a} {began.day} {began:%b %H:%M}, for {span_words(one.ended_at - one.began_at)}"
