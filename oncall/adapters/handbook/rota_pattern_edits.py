"""Patterns written into the text of a rotation's file: the wizard's answers, other people, an end, a hand-over window.

A pattern that has begun is never rewritten: it ends where the new one begins, in the lines of one layer, so that
whoever was on stays on record. Deliberately not here: what a pattern means (`rotation_patterns`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from oncall.adapters.handbook.rota_pages import FOLDER, Pages, refuse_other
from oncall.adapters.handbook.rota_times import instant, known, layer_of, spaced, written_time
from oncall.adapters.handbook.rotation_words import HandsOver, Unclear, read_hands_over, read_hours, read_span
from oncall.adapters.handbook.yaml_blocks import changed, entry_of, in_one_line, written
from oncall.core.rota.edits import (
    EditPattern,
    EditRefused,
    EndPattern,
    NewPattern,
    PatternWords,
    ReplaceRoster,
    SetOverlap,
    Slots,
)
from oncall.core.wall_time import first_pass

_OF_A_LAYER = ("overlap", "patterns")


def new_pattern(pages: Pages, edit: NewPattern) -> dict[str, str]:
    name, _, layer = edit.tier.partition("/")
    rotation = pages.rota.rotations.get(name)
    if rotation is not None and layer and layer not in [known.name for known in rotation.layers]:
        return _with_layer(pages, name, layer, _pattern(pages, edit.words))
    entry = _pattern(pages, edit.words)

    def add(patterns: CommentedSeq) -> None:
        patterns.insert(0 if edit.before_others else len(patterns), entry)

    return _with_patterns(pages, edit.tier, add)


def edit_pattern(pages: Pages, edit: EditPattern) -> dict[str, str]:
    """One that has not begun is replaced; else it ends where the new one begins."""
    rotation, _ = layer_of(pages.rota, edit.tier)
    old = pattern_entry(pages, edit.tier, edit.pattern)
    refuse_other(edit.was, old, f"Pattern {edit.pattern} of {edit.tier}")
    starts = _hand_over_on(edit.starts, edit.words, rotation.zone, pages)
    entry = _pattern(pages, edit.words, since=starts)
    has_begun = "since" not in old or _begins(old, rotation.zone) < instant(starts, rotation.zone, "start")

    def replace_or_follow(patterns: CommentedSeq) -> None:
        if not has_begun:
            patterns[edit.pattern - 1] = entry
            return
        patterns[edit.pattern - 1]["until"] = written(starts)
        patterns.insert(edit.pattern, entry)

    return _with_patterns(pages, edit.tier, replace_or_follow)


def end_pattern(pages: Pages, edit: EndPattern) -> dict[str, str]:
    rotation, _ = layer_of(pages.rota, edit.tier)
    old = pattern_entry(pages, edit.tier, edit.pattern)
    refuse_other(edit.was, old, f"Pattern {edit.pattern} of {edit.tier}")
    instant(edit.until, rotation.zone, "end")

    def end(patterns: CommentedSeq) -> None:
        patterns[edit.pattern - 1]["until"] = written(spaced(edit.until))

    return _with_patterns(pages, edit.tier, end)


def replace_roster(pages: Pages, edit: ReplaceRoster) -> dict[str, str]:
    """Where people take turns the order goes on; where one person always has it, another follows."""
    rotation, _ = layer_of(pages.rota, edit.tier)
    old = pattern_entry(pages, edit.tier, edit.pattern)
    refuse_other(edit.was, old, f"Pattern {edit.pattern} of {edit.tier}")
    if "turn" not in old:
        return edit_pattern(pages, EditPattern(edit.tier, edit.pattern, _same(old, edit.people), edit.starts))
    instant(edit.starts, rotation.zone, "start")
    people = _people(pages, edit.people)
    parts = {"from": spaced(edit.starts), "people": people, "starts_with": edit.starts_with}
    roster = in_one_line(parts)

    def add(patterns: CommentedSeq) -> None:
        patterns[edit.pattern - 1].setdefault("roster", CommentedSeq()).append(roster)

    return _with_patterns(pages, edit.tier, add)


def set_overlap(pages: Pages, edit: SetOverlap) -> dict[str, str]:
    rotation, layer = layer_of(pages.rota, edit.tier)
    entry = layer_entry(pages, edit.tier)
    refuse_other(edit.was, entry.get("overlap"), f"The hand-over window of {edit.tier}")
    try:
        if edit.overlap:
            read_span(edit.overlap)
    except Unclear as unclear:
        raise EditRefused(f"The window {edit.overlap} cannot be read: wanted is {unclear}.") from None

    def change(found: Any) -> None:
        if not edit.overlap:
            found.pop("overlap", None)
        elif "overlap" in found:
            found["overlap"] = edit.overlap
        else:
            found.insert(0, "overlap", edit.overlap)

    path = ["layers", layer.name]
    name = _file(rotation.name)
    return pages.having(name, changed(pages.text(name), path, change))


def layer_entry(pages: Pages, tier: str) -> Mapping[str, Any]:
    rotation, layer = layer_of(pages.rota, tier)
    entry: Mapping[str, Any] = pages.data(_file(rotation.name))["layers"][layer.name]
    return entry


def pattern_entry(pages: Pages, tier: str, number: int) -> Mapping[str, Any]:
    """Pattern `number` (from 1) as it is written."""
    entry = layer_entry(pages, tier)
    patterns = entry["patterns"] if entry.get("patterns") else [_without(entry, _OF_A_LAYER)]
    if not 1 <= number <= len(patterns):
        raise EditRefused(f"{tier} has no pattern {number} any more.")
    found: Mapping[str, Any] = patterns[number - 1]
    return found


def _without(entry: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name not in names}


# --- the lines of a layer ---------------------------------------------------------------------------------------------


def _with_patterns(pages: Pages, tier: str, change: Any) -> dict[str, str]:
    """The layer with its list of patterns changed; a layer with one pattern gets a list first."""
    rotation, layer = layer_of(pages.rota, tier)

    def change_layer(found: CommentedMap) -> CommentedMap | None:
        told = found if found.get("patterns") else _listed(found)
        change(told["patterns"])
        return told if told is not found else None

    name = _file(rotation.name)
    return pages.having(name, changed(pages.text(name), ["layers", layer.name], change_layer))


def _listed(layer: CommentedMap) -> CommentedMap:
    pattern = CommentedMap(_without(layer, _OF_A_LAYER))
    for name in pattern:
        if name in layer.ca.items:
            pattern.ca.items[name] = layer.ca.items[name]
    parts: dict[str, Any] = {"overlap": layer["overlap"]} if "overlap" in layer else {}
    return CommentedMap({**parts, "patterns": CommentedSeq([pattern])})


def _with_layer(pages: Pages, name: str, layer: str, entry: CommentedMap) -> dict[str, str]:
    """A further layer behind the others: a change of structure, which needs a second person."""

    def add(layers: CommentedMap) -> None:
        layers[layer] = entry

    return pages.having(_file(name), changed(pages.text(_file(name)), ["layers"], add))


def _file(rotation: str) -> str:
    return f"{FOLDER}{rotation}.yaml"


# --- the words of a pattern -------------------------------------------------------------------------------------------


def _pattern(pages: Pages, words: PatternWords, since: str = "") -> CommentedMap:
    return entry_of(
        {
            "name": words.name,
            "people": _people(pages, words.people),
            "turn": words.turn,
            "hands_over": words.hands_over,
            "hours": words.hours[0] if len(words.hours) == 1 else list(words.hours),
            "days": words.days,
            "since": since or spaced(words.since),
            "until": spaced(words.until),
            "count": "worked" if words.counts_worked else "",
        }
    )


def _people(pages: Pages, slots: Slots) -> CommentedSeq:
    if not slots or not all(slots):
        raise EditRefused("Nobody is named: choose at least one person.")
    people = [[known(pages.rota, person) for person in slot] for slot in slots]
    items = CommentedSeq([slot[0] if len(slot) == 1 else in_one_line({"together": slot}) for slot in people])
    items.fa.set_flow_style()
    return items


def _same(old: Mapping[str, Any], people: Slots) -> PatternWords:
    """The pattern of always the same people with others in it."""
    if len(people) > 1:
        raise EditRefused("Here one person always has it. For several in turn change the pattern: it needs a turn.")
    hours = old.get("hours", ())
    return PatternWords(
        people=people,
        name=old.get("name", ""),
        hours=(hours,) if isinstance(hours, str) else tuple(hours),
        days=old.get("days", ""),
        until=str(old.get("until", "")),
    )


def _hand_over_on(starts: str, words: PatternWords, zone: str, pages: Pages) -> str:
    """A day means its hand-over by the new pattern, so that the old one ends to the minute where it begins."""
    at = instant(starts, zone, "start")
    text = spaced(starts)
    if len(text) > 10:
        return text
    local = datetime.fromisoformat(text) + _clock_of(words).time
    at = first_pass(local, zone)
    if at < pages.now:
        raise EditRefused(f"The hand-over of {text} is over: the past does not move. Choose a later day.")
    return written_time(at, zone)[:16]


def _clock_of(words: PatternWords) -> HandsOver:
    try:
        if words.hands_over:
            return read_hands_over(words.hands_over)
        openings = {read_hours(text).opens for text in words.hours}
    except Unclear as unclear:
        raise EditRefused(f"The pattern cannot be read: wanted is {unclear}.") from None
    return HandsOver(openings.pop() if len(openings) == 1 else timedelta(0))


def _begins(entry: Mapping[str, Any], zone: str) -> datetime:
    return instant(str(entry["since"]), zone, "start")
