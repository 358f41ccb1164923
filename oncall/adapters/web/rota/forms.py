"""The forms with which a coordinator changes the rota: their fields, what is wrong with what was typed, and the edit.

Every gesture of the rota page ends in one of these, and none of them needs a script. A form goes back with everything
that was typed and each fault beside its field; a time that the clock shows twice, or skips, is offered as two buttons.
Deliberately not here: HTML, and whether the edit fits the rota (the desk says).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from oncall.core.rota import edits as r
from oncall.core.rota.on_call import Rota
from oncall.service.rota.prefill import Slot, slot_at, typed_at
from oncall.service.typed_time import Choice, Doubt, instant_typed

Typed = Mapping[str, str]
TURNS = 8  # people that a pattern's form has room for
DAYS_ASKED = 6  # days that a new holiday's form has room for
MOST_DAYS = 40
CLOSED, AS_IT_IS = "closed", "as it is"  # instead of a person, on a holiday
CHOSEN = "choose"  # the button that settles a doubtful time: "starts|2026-11-01T01:30-04:00"
WEEK_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MISSING = {
    "tier": "Choose a tier.",
    "by": "Choose who takes it.",
    "person": "Choose who is away.",
    "starts": "Say when it starts.",
    "until": "Say until when.",
    "split_at": "Say from when the other one has it.",
    "first_person": "Choose who gives this one.",
    "first_starts": "Say when it starts.",
    "first_until": "Say until when.",
    "second_person": "Choose who gives this one.",
    "second_starts": "Say when it starts.",
    "second_until": "Say until when.",
    "id": "Choose which.",
    "name": "Give it a name.",
    "on1": "Name at least one day.",
    "from_day": "Choose a day of the week that is copied.",
    "to_day": "Choose a day of the week that gets it.",
    "pattern": "Choose which roster.",
    "turn1": "Choose at least one person.",
    "since": "Say from which day on.",
}
SPANS = (("split_at", ""), ("starts", "until"), ("first_starts", "first_until"), ("second_starts", "second_until"))


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field; two choices where the clock is what is wrong."""

    sentence: str
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """One form. `one_off`: about a single slot, so it stands beside the others that are."""

    name: str
    title: str
    required: tuple[str, ...]
    edit: Callable[[Typed], r.Edit]
    one_off: bool = False
    instead: Mapping[str, str] = field(default_factory=dict)  # a required field may be empty if this other one is not


def faults_in(form: Form, typed: Typed, zone: str) -> dict[str, Fault]:
    """By field, before the rota is asked."""
    empty = [name for name in form.required if not typed.get(name, "").strip()]
    found = {name: Fault(MISSING[name]) for name in empty if not typed.get(form.instead.get(name, ""), "").strip()}
    for start, end in SPANS:
        found.update(_doubts(typed, zone, start, end))
    return found


def _doubts(typed: Typed, zone: str, start: str, end: str) -> Iterator[tuple[str, Fault]]:
    instants = {}
    for name in (start, end):
        told = typed.get(name, "").strip()
        at = instant_typed(told.replace(" ", "T", 1), zone) if told else None
        if isinstance(at, Doubt):
            yield name, Fault(at.sentence, at.choices)
        elif at is not None:
            instants[name] = at + timedelta(days=name == end and len(told) == 10)
    if len(instants) == 2 and instants[end] <= instants[start]:
        yield end, Fault("The end is not after the start.")


def field_of(form: Form, sentence: str) -> str:
    """Beside which field a refusal of the desk belongs; the first one if that cannot be told."""
    for words, names in _ABOUT:
        if words in sentence and (found := next((name for name in names if name in form.required), "")):
            return found
    return form.required[0]


_ABOUT = (
    ("enter a cover with its own times", ("split_at",)),
    ("was over", ("until", "split_at")),
    ("has no shift", ("starts",)),
    ("nothing to give", ("first_starts",)),
    ("between two people", ("second_person",)),
    ("not swapped any more", ("first_starts",)),
    ("week", ("to_day",)),
    ("Nobody on the rota", ("by", "person", "turn1")),
    ("holiday", ("name",)),
    ("The day", ("on1", "starts")),
    ("the past does not move", ("since", "starts", "until", "split_at")),
)


# --- what was typed --------------------------------------------------------------------------------------------------


def settled(typed: Typed) -> dict[str, str]:
    """With the button that was pressed to settle a doubtful time; a day and its hour in one."""
    told = {name: value.strip() for name, value in typed.items()}
    field, _, value = told.pop(CHOSEN, "").partition("|")
    return {**told, field: value} if value else told


def prefilled(query: Typed, rota: Rota) -> dict[str, str]:
    """From the address: `tier` and `at` name a slot, `start_by` and `end_by` move its edge by minutes, anything else
    is a field."""
    told = {name: value for name, value in query.items() if len(value) <= 200}
    at = instant_typed(told.get("at", ""), rota.zone)
    slot = None if isinstance(at, Doubt) else slot_at(rota, told.get("tier", ""), at)
    if slot is None:
        return told
    ends = {"starts": slot.starts_at, "until": slot.ends_at}
    span = {name: typed_at(end, rota.zone) for name, end in ends.items() if end is not None}
    own = {"person": slot.person, "first_person": slot.person} if slot.person else {}
    firsts = {f"first_{name}": value for name, value in span.items()}
    return {**own, **span, **firsts, "from_day": told["at"][:10], **_pulled(told, slot, rota.zone), **told}


def _pulled(told: Typed, slot: Slot, zone: str) -> dict[str, str]:
    """An edge was moved: the hours between, to whoever is on if that is more for them, else to be filled."""
    for name, edge, outward in (("start_by", slot.starts_at, -1), ("end_by", slot.ends_at, 1)):
        minutes = _minutes(told.get(name, ""))
        if minutes and edge is not None:
            first, last = sorted((edge, edge + timedelta(minutes=minutes)))
            by = {"by": slot.person} if slot.person and minutes * outward > 0 else {}
            return {"starts": typed_at(first, zone), "until": typed_at(last, zone), **by}
    return {}


def _minutes(told: str) -> int:
    """Up to a week either way; 0 for what is no number."""
    size = told.removeprefix("-")
    minutes = int(size) if size.isascii() and size.isdigit() and len(size) < 6 else 0
    return 0 if minutes > 7 * 24 * 60 else -minutes if told.startswith("-") else minutes


def _wall(told: str) -> str:
    """As the files have it."""
    return told.replace("T", " ", 1)


def _people(typed: Typed, prefix: str, count: int = TURNS) -> tuple[str, ...]:
    return tuple(found for place in range(1, count + 1) if (found := typed.get(f"{prefix}{place}", "")))


# --- edits -----------------------------------------------------------------------------------------------------------


def _cover(t: Typed) -> r.Edit:
    span = _wall(t["starts"]), _wall(t["until"])
    return r.AddCover(t["tier"], t["by"], *span, t.get("instead_of") or None, t.get("note", ""))


def _now(t: Typed) -> r.Edit:
    return r.AddBeside(t["tier"], t["by"], _wall(t["starts"]), _wall(t["until"]), t.get("note", ""))


def _split(t: Typed) -> r.Edit:
    return r.SplitShift(t["tier"], t["by"], _wall(t["split_at"]), t.get("note", ""))


def _swap(t: Typed) -> r.Edit:
    first, second = (
        r.Given(t[f"{one}_person"], _wall(t[f"{one}_starts"]), _wall(t[f"{one}_until"])) for one in ("first", "second")
    )
    return r.AddSwap(t["tier"], first, second, t.get("note", ""))


def _leave(t: Typed) -> r.Edit:
    return r.AddLeave(t["person"], _wall(t["starts"]), _wall(t["until"]), t.get("note", ""))


def _change(t: Typed) -> r.Edit:
    starts, until = (_wall(t[name]) if t.get(name) else None for name in ("starts", "until"))
    return r.EditChange(t["id"], starts, until, t.get("by") or None, t.get("note") or None)


def _holiday(t: Typed) -> r.Edit:
    days = tuple(found for place in day_places(t) if (found := t[f"on{place}"]))
    named = (name.removeprefix("who1:") for name in t if name.startswith("who1:") and t[name])
    tiers = tuple(_on_holiday(t, tier) for tier in named)
    words = r.HolidayWords(t["name"], days, tiers, _wall(t.get("starts", "")), _wall(t.get("until", "")))
    return r.EditHoliday(t["changes"], words) if t.get("changes") else r.AddHoliday(words)


def day_places(t: Typed) -> list[int]:
    """The numbers of the day fields; a holiday that is there may have more of them than a new one is asked for."""
    return [place for place in range(1, MOST_DAYS + 1) if f"on{place}" in t]


def holiday_typed(words: r.HolidayWords) -> dict[str, str]:
    """The form of a holiday that is there."""
    told = {"changes": words.name, "name": words.name}
    told |= {"starts": words.starts.replace(" ", "T", 1), "until": words.until.replace(" ", "T", 1)}
    told |= {f"on{place}": day for place, day in enumerate(words.on, 1)}
    for one in words.tiers:
        who = (AS_IT_IS,) if one.as_it_is else one.people or (CLOSED,)
        told |= {f"who{place}:{one.tier}": person for place, person in enumerate(who, 1)}
        told[f"hours:{one.tier}"] = one.hours
    return told


def _on_holiday(t: Typed, tier: str) -> r.StandIn:
    people, is_same = _stand_ins(t, tier), t[f"who1:{tier}"] == AS_IT_IS
    return r.StandIn(tier, people, t.get(f"hours:{tier}", "") if people else "", is_same)


def _stand_ins(t: Typed, tier: str) -> tuple[str, ...]:
    told = (t.get(f"who{place}:{tier}", "") for place in (1, 2, 3))
    return tuple(person for person in told if person and person not in (CLOSED, AS_IT_IS))


def _week(t: Typed) -> r.Edit:
    return r.CopyWeek(t["tier"], t["from_day"], t["to_day"], t.get("note", ""))


def _roster(t: Typed) -> r.Edit:
    tier, _, number = t["pattern"].partition("#")
    people = tuple((person,) for person in _people(t, "turn"))
    return r.ReplaceRoster(tier, _number(number), people, t["since"], t.get("starts_with", ""))


def _pattern(t: Typed) -> r.Edit:
    tier, _, number = t["pattern"].partition("#")
    words = r.PatternWords(
        people=_slots(t),
        name=t.get("name", ""),
        turn=t.get("turn", ""),
        hands_over=_hand_over(t),
        hours=tuple(_hours(t)),
        since=t["since"],
        until=t.get("ends", ""),
    )
    if number:
        return r.EditPattern(tier, _number(number), words, t["since"])
    return r.NewPattern(tier, words, bool(t.get("before")))


def _slots(t: Typed) -> r.Slots:
    people = _people(t, "turn")
    return (people,) if t.get("together") else tuple((person,) for person in people)


def _hand_over(t: Typed) -> str:
    """ "Mon 07:00" for weeks, "1st 07:00" for months, "07:00" for days, nothing where one person always has it."""
    turn, at = t.get("turn", ""), t.get("change_at") or "07:00"
    if not turn:
        return ""
    if turn.endswith(("weekly", "weeks")):
        return f"{t.get('change_day') or 'Mon'} {at}"
    return f"1st {at}" if turn == "monthly" else at


def _hours(t: Typed) -> Iterator[str]:
    weekday, weekend = (_window(t, part) for part in ("weekday", "weekend"))
    kind = t.get("weekend", "same")
    if kind == "same":
        if weekday:
            yield weekday
        return
    yield f"Mon-Fri {weekday or '00:00-24:00'}"
    if kind == "other":
        yield f"Sat, Sun {weekend or '00:00-24:00'}"


def _window(t: Typed, part: str) -> str:
    opens, closes = t.get(f"{part}_from", ""), t.get(f"{part}_until", "")
    return f"{opens}-{closes}" if opens and closes else ""


def _number(told: str) -> int:
    return int(told) if re.fullmatch("[0-9]{1,6}", told) else 0


SPAN = ("tier", "by", "starts", "until")
SWAP = tuple(f"{one}_{part}" for one in ("first", "second") for part in ("person", "starts", "until"))
FORMS: Mapping[str, Form] = {
    form.name: form
    for form in (
        Form("cover", "Cover", SPAN, _cover, one_off=True),
        Form("split", "Split", ("tier", "by", "split_at"), _split, one_off=True),
        Form("swap", "Swap", ("tier", *SWAP), _swap, one_off=True),
        Form("leave", "Leave", ("person", "starts", "until"), _leave, one_off=True),
        Form("change", "Change a cover", ("id",), _change),
        Form("take-back", "Take back a change", ("id",), lambda t: r.TakeBackChange(t["id"])),
        Form("week", "Copy a week", ("tier", "from_day", "to_day"), _week),
        Form("holiday", "Holiday", ("name", "on1"), _holiday, instead={"on1": "starts"}),
        Form("no-holiday", "Remove a holiday", ("name",), lambda t: r.RemoveHoliday(t["name"])),
        Form("roster", "Change a roster", ("pattern", "turn1", "since"), _roster),
        Form("pattern", "Pattern wizard", ("pattern", "turn1", "since"), _pattern),
        Form("now", "Replace now", SPAN, _now),
    )
}
