"""Lines a second of `oncall triage` on one core: words, keys and alarms, without a database.

The lines are the development vignettes' kind of words, written here, each made different so that nothing is answered
from memory. Goal: a few thousand a second, so that years of past messages can be replayed under a draft in minutes.
"""

from __future__ import annotations

import json
import time

from bench.stage import ROOT, arguments, percentile, show
from oncall.adapters.handbook.files import load_handbook
from oncall.core.case.wording import reply_without_a_clock
from oncall.core.handbook import Handbook
from oncall.core.triage.assessment import Assessment
from oncall.service.rules.triage_lines import triage_line

GOAL = 2000
WORDS = (
    "he is so itchy and his legs are really stiff since last night, pump alarm went off twice",
    "she wont wake up properly and her breathing is slow",
    "no fever no itching, legs about the same, just wanted to ask about the refill next week",
    "esta muy rigido y con comezon, la bomba hace un pitido",
    "can we move fridays appointment to monday please",
    "the wound over the pump is red and leaking a bit of clear fluid, temp 100.9",
)


def lines(count: int) -> list[str]:
    """Three texts, one key answer and one alarm in turn."""
    made = []
    for n in range(count):
        shape = n % 5
        if shape == 3:
            told = {"channel": "ivr_keys", "messages": ["PROMPT: Is it hard to wake them? | KEY: 1"]}
        elif shape == 4:
            alarm = {
                "event": "device_alarm",
                "alarm_class": "critical",
                "reservoir_ml": n % 20,
                "hours_since_refill": n,
            }
            told = {"channel": "pump_alarm", "messages": alarm}
        else:
            told = {"channel": "sms", "messages": [f"{WORDS[n % len(WORDS)]}, day {n}"]}
        made.append(json.dumps({"id": str(n), "patient_context": {"age_years": n % 60}, **told}))
    return made


def measured(handbook: Handbook, count: int) -> list[dict[str, object]]:
    def reply(assessment: Assessment, language: str, minutes: int) -> str:
        return reply_without_a_clock(assessment, language, minutes, handbook, "911")

    told = lines(count)
    for line in told[:200]:
        triage_line(line, handbook.rulebook, reply)
    waits, began = [], time.perf_counter()
    for line in told:
        at = time.perf_counter()
        answer = triage_line(line, handbook.rulebook, reply)
        waits.append(time.perf_counter() - at)
        assert answer["status"] != "error", line
    each_second = round(count / (time.perf_counter() - began))
    row = {"what": "lines of triage", "n": count, "lines_per_s": each_second, "goal_per_s": GOAL}
    return [row | {"p50_us": round(percentile(waits, 0.5) * 1e6), "p99_us": round(percentile(waits, 0.99) * 1e6)}]


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--count", type=int, default=10_000)
    told = parser.parse_args()
    handbook = load_handbook(ROOT / "rules", ROOT / "rotations")
    show("triage", measured(handbook, told.count), told.json)


if __name__ == "__main__":
    main()
