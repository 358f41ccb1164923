"""The rules as clinicians read them, and the bench on which they are tried.

Read only: rules change by signing files and publishing an edition. What is tried comes by POST, so that no typed
word ever stands in an address; nothing of it is stored, logged or paged. Deliberately not here: the sentences
(`service.rules.sentences`), the laws (`service.rules.laws`) and the trial itself (`service.rules.bench`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from oncall.adapters.web.forms import read_form
from oncall.adapters.web.given import GIVEN, Given
from oncall.adapters.web.rendering import harmless, show
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
from oncall.core.handbook import Handbook
from oncall.core.triage.assessment import Urgency
from oncall.service.cases.card import ADVICE
from oncall.service.rules.bench import try_out
from oncall.service.rules.examples import run_examples
from oncall.service.rules.laws import laws_of
from oncall.service.rules.sentences import RuleCard, found, limit_lines, question_cards, rule_cards

MOST_SEARCHED = 100
GROUPS = (*sorted(Urgency, reverse=True), None)  # None: rules that only tell which way the picture leans


async def rules(request: web.Request) -> web.Response:
    """GET /rules; `q` keeps the rules in which all its words stand."""
    given = request.app[GIVEN]
    handbook = given.handbooks.current()
    return await asyncio.to_thread(_rules_page, request, handbook, await _edition(given, handbook))


def _rules_page(request: web.Request, handbook: Handbook, edition: Mapping[str, Any]) -> web.Response:
    """A third of a megabyte of sentences: made beside the line's work, which goes on meanwhile."""
    rulebook = handbook.rulebook
    cards = rule_cards(rulebook)
    searched = harmless(request.query.get("q", "")[:MOST_SEARCHED])
    return show(
        request,
        "rules.html",
        searched=searched,
        total=len(cards),
        groups=_grouped(found(cards, searched)),
        questions=question_cards(rulebook),
        limits=limit_lines(rulebook),
        at_hand=handbook.at_hand,
        laws=laws_of(rulebook),
        example_count=sum(len(chapter.examples) for chapter in rulebook.chapters),
        **edition,
        **_bench(handbook, Typed()),
    )


def _grouped(cards: Iterable[RuleCard]) -> list[tuple[Urgency | None, list[RuleCard]]]:
    kept = list(cards)
    groups = [(urgency, [card for card in kept if card.urgency is urgency]) for urgency in GROUPS]
    return [(urgency, listed) for urgency, listed in groups if listed]


async def _edition(given: Given, handbook: Handbook) -> dict[str, Any]:
    """Which edition this is, and when and by whom it was published, if it was."""
    found = (edition for edition in await given.journal.editions() if edition.name == handbook.edition)
    newest = next(found, None)
    published = {"published_at": newest.at, "author": newest.author} if newest else {"published_at": None, "author": ""}
    return {"handbook": handbook, **published}


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
