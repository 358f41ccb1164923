"""What the page of health says of the carrier's requests, its error numbers and what the vigil found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from oncall.core.case.entries import MessageProgressed, Recorded
from oncall.core.case.messages import Progress
from oncall.service.line.carrier_heard import CarrierHeard
from oncall.service.line.carrier_lines import code_lines, request_lines, vigil_lines
from oncall.service.line.health_line import Mark
from oncall.service.line.vigil import Incident, Standing
from oncall.service.ports.journal import Written

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
MINUTE, MS = timedelta(minutes=1), timedelta(milliseconds=1)


def heard(*requests: tuple[str, int, int]) -> CarrierHeard:
    """Each: result, how many minutes ago, milliseconds."""
    made = CarrierHeard()
    for result, ago, took in requests:
        made.request(result, NOW - ago * MINUTE, took * MS)
    return made


@pytest.mark.parametrize(
    ("requests", "marks", "said"),
    [
        ((), (Mark.UNUSED, Mark.GOOD), "none has come"),
        ((("ok", 1500, 9), ("forged", 1500, 0)), (Mark.UNUSED, Mark.GOOD), "none has come"),
        (
            (("ok", 9, 8), ("ok", 5, 12), ("unknown", 3, 90)),
            (Mark.GOOD, Mark.GOOD),
            "3 in the last day, half within 12 ms",
        ),
        ((("ok", 9, 6000),), (Mark.BAD, Mark.GOOD), "within 6000 ms"),
        ((("ok", 9, 8), ("failed", 5, 8)), (Mark.BAD, Mark.GOOD), "1 could not be stored"),
        ((*(("forged", ago, 0) for ago in (9, 8, 7)), ("ok", 5, 8)), (Mark.GOOD, Mark.GOOD), "3 came in the last day"),
        ((("ok", 9, 8), *(("forged", ago, 0) for ago in (3, 2, 1))), (Mark.GOOD, Mark.BAD), "3 of them since the last"),
        (tuple(("forged", ago, 0) for ago in (3, 2, 1)), (Mark.UNUSED, Mark.BAD), "3 of them since the last true one"),
    ],
)
def test_requests_are_told_with_how_long_they_took_and_what_was_forged(
    requests: tuple[tuple[str, int, int], ...], marks: tuple[Mark, Mark], said: str
) -> None:
    lines = [*request_lines(heard(*requests).requests(NOW))]
    assert tuple(line.mark for line in lines) == marks
    assert said in " ".join(line.told for line in lines)
    assert all(bool(line.do) is (line.mark is Mark.BAD) for line in lines)


class NoJournal:
    """Nothing to read back."""

    async def cases_since(self, since: datetime) -> list[str]:
        return []


async def test_error_numbers_of_the_last_day_are_counted_and_say_what_they_mean() -> None:
    carrier = CarrierHeard()
    await carrier.read_back(NoJournal(), NOW)  # type: ignore[arg-type]
    codes = ((30003, 60), (30003, 5), (30007, 30), (39999, 2), (21610, 1500))
    for seq, (code, ago) in enumerate(codes, start=1):
        entry = MessageProgressed("m", Progress.FAILED, code)
        carrier.hear(Written((), {}, entries=(Recorded(seq, NOW - ago * MINUTE, entry),)))
    off, filtered, unknown = code_lines(carrier.codes(NOW))
    assert (off.what, off.mark) == ("Error 30003 of the carrier", Mark.CLOSE)
    assert off.told == "2 times in the last day: the phone is off or out of reach"
    assert (filtered.mark, filtered.told) == (Mark.BAD, "1 time in the last day: the text was filtered as unwanted")
    assert (unknown.mark, "the carrier refused it" in unknown.told) == (Mark.BAD, True)
    assert all(line.do for line in (off, filtered, unknown))
    [quiet] = code_lines({})
    assert (quiet.mark, quiet.told) == (Mark.GOOD, "no error number in the last day")
    assert len([*code_lines(dict.fromkeys(range(1, 12), 1))]) == 9


def test_what_the_vigil_finds_now_is_red_and_what_it_found_is_listed() -> None:
    wrong = Standing("store", "The store", NOW - MINUTE, "The store refuses.", misses=2)
    once = Standing("disk", "The disk", NOW, "The disk is slow.", misses=1)
    past = Incident("door", NOW - 60 * MINUTE, NOW - 56 * MINUTE)
    red, listed = vigil_lines((wrong, once), (past,), "America/New_York")
    assert (red.mark, red.told, red.do) == (Mark.BAD, "The store refuses.", "Runbook: The store.")
    assert listed.told == "door, Thu 26 Nov 02:00, for 4 min 0 s"
    [quiet] = vigil_lines((Standing("store", "The store", NOW),), (), "America/New_York")
    assert (quiet.mark, quiet.told) == (Mark.GOOD, "since the service started")
    assert [*vigil_lines((), (), "America/New_York")] == []
