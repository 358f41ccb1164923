"""The rules as clinicians read them, and the bench on which they are tried.

Read only: rules change by signing files and publishing an edition. What is tried comes by POST, so that no typed
word ever stands in an address; nothing of it is stored, logged or paged. Deliberately not here: the sentences
(`service.rules.sentences`), the laws (`service.rules.laws`) and the trial itself (`service.rules.bench`).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from oncall.adapters.web.forms import read_form
from oncall.adapters.web.given import GIVEN, Given
from oncall.adapters.web.problems import Problem
from oncall.adapters.web.rendering import harmless, see_other, show
from oncall.adapters.web.rules.bench_form import (
    ALARM,
    RECORD,
    Typed,
    alarm_choices,
    faults_of,
    model_choices,
    read_typed,
    trial_of,
)
from oncall.adapters.web.rules.contents import Chapter, Contents, grouped, part_wanted, parts_of, rule_entries
from oncall.core.handbook import Handbook
from oncall.core.triage.assessment import Urgency
from oncall.service.cases.card import ADVICE
from oncall.service.rules.bench import try_out
from oncall.service.rules.examples import run_examples
from oncall.service.rules.laws import laws_of
from oncall.service.rules.sentences import question_cards

MOST_SEARCHED = 100
MOST_LISTED = 80


async def rules(request: web.Request) -> web.Response:
    """GET /rules: the chapters; `q` lists every entry in which all its words stand."""
    contents = await contents_of(request.app[GIVEN])
    return await asyncio.to_thread(_index, request, contents, await _published(request.app[GIVEN], contents))


def _index(request: web.Request, contents: Contents, published: Mapping[str, Any]) -> web.Response:
    """Half a megabyte of sentences is looked through: beside the line's work, which goes on meanwhile."""
    rulebook = contents.handbook.rulebook
    chapters = tuple(contents.chapters())
    searched = harmless(request.query.get("q", "")[:MOST_SEARCHED]).strip()
    holding = contents.holding(searched) if searched else ()
    return show(
        request,
        "rules.html",
        searched=searched,
        hits=len(holding),
        holding=holding[:MOST_LISTED],
        total=len(rulebook.rules.rules),
        chapters=chapters,
        titles={one.name: one.title for one in chapters},
        counts=_counts(contents.handbook),
        flags=contents.entries("red-flags"),
        laws=laws_of(rulebook),
        example_count=sum(len(chapter.examples) for chapter in rulebook.chapters),
        handbook=contents.handbook,
        **published,
    )


def _counts(handbook: Handbook) -> Mapping[str, list[tuple[Urgency | None, int]]]:
    """How many rules of each urgency stand in each chapter; None: they only tell which way the picture leans."""
    counts = {chapter.name: Counter[Urgency | None]() for chapter in handbook.rulebook.chapters}
    for entry in rule_entries(handbook):
        counts[entry.chapter][entry.group] += 1
    return {name: list(counted.items()) for name, counted in counts.items()}


async def chapter(request: web.Request) -> web.Response:
    """GET /rules/chapter/{name}; `part` turns the pages of a long one, `at` opens the one where that anchor stands."""
    contents = await contents_of(request.app[GIVEN])
    found = contents.chapter(request.match_info["name"])
    if found is None:
        raise Problem(404, "unknown-chapter", "The edition in force has no such chapter.")
    return await asyncio.to_thread(_chapter, request, contents, found)


def _chapter(request: web.Request, contents: Contents, found: Chapter) -> web.Response:
    parts = parts_of(contents.entries(found.name))
    number = part_wanted(parts, request.query)
    return show(
        request,
        "rules_chapter.html",
        chapter=found,
        edition=contents.handbook.edition,
        groups=grouped(parts[number - 1]),
        number=number,
        count=len(parts),
        searched="",
    )


async def one_rule(request: web.Request) -> web.Response:
    """GET /rules/rule/{rule}: to its place in its chapter, wherever that is in the edition in force."""
    wanted = request.match_info["rule"]
    entries = rule_entries(request.app[GIVEN].handbooks.current())
    place = next((entry for entry in entries if entry.shown.id == wanted and entry.chapter), None)
    if place is None:
        raise Problem(404, "unknown-rule", "The edition in force has no such rule; an earlier edition may have had it.")
    return see_other(place.address)


async def contents_of(given: Given) -> Contents:
    handbook = given.handbooks.current()
    return Contents(handbook, await given.journal.edition_files(handbook.edition) or {})


async def _published(given: Given, contents: Contents) -> dict[str, Any]:
    """When and by whom this edition was published, if it was."""
    editions = await given.journal.editions()
    newest = next((edition for edition in editions if edition.name == contents.handbook.edition), None)
    return {"published_at": newest.at if newest else None, "author": newest.author if newest else ""}


# --- examples ------------------------------------------------------------------------------------------------------


async def run_all_examples(request: web.Request) -> web.Response:
    """POST /rules/examples: the rules' own test over the edition in force, in a thread beside the line's work."""
    rulebook = request.app[GIVEN].handbooks.current().rulebook
    ran = await asyncio.to_thread(run_examples, rulebook)
    template = "rule_examples_ran.html" if _is_part(request) else "rule_examples.html"
    return show(request, template, ran=ran, edition=rulebook.edition)


# --- the bench -----------------------------------------------------------------------------------------------------


async def bench(request: web.Request) -> web.Response:
    """GET /rules/bench: the empty form."""
    return show(request, "bench.html", outcome=None, **_bench(request.app[GIVEN].handbooks.current(), Typed()))


async def try_on_bench(request: web.Request) -> web.Response:
    """POST /rules/bench; with `part=result` only what came of it."""
    given = request.app[GIVEN]
    handbook, zone = given.handbooks.current(), given.hospital.zone
    form = read_typed(await read_form(request), handbook.rulebook)
    template = "bench_result.html" if _is_part(request) else "bench.html"
    if faults := faults_of(form, handbook.rulebook, zone):
        return show(request, template, status=422, outcome=None, **_bench(handbook, form, faults))
    trial = trial_of(form, handbook.rulebook, zone, given.clock.now())
    outcome = await asyncio.to_thread(try_out, trial, handbook, await given.register.directory())
    return show(request, template, outcome=outcome, **_bench(handbook, form))


def _bench(handbook: Handbook, form: Typed, faults: tuple[str, ...] = ()) -> Mapping[str, Any]:
    rulebook = handbook.rulebook
    return {
        "form": form,
        "faults": faults,
        "asked": question_cards(rulebook),
        "models": model_choices(rulebook),
        "alarm_fields": [(name, label, alarm_choices(rulebook)[name]) for name, label in ALARM],
        "record_fields": RECORD,
        "record_open": any(form.said(name) for name in ("pump_model", "diagnosis", *(name for name, _ in RECORD))),
        "advice": ADVICE,
    }


def _is_part(request: web.Request) -> bool:
    return request.query.get("part") == "result"
