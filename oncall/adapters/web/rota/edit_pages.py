"""A form about the rota, shown and sent: what was typed becomes an edit of the coordinator's draft, never more.

Nothing is published here; the answer to every form is the preview. "Replace now" has a draft of its own, so that a
half-made plan for December is not published with tonight's replacement. Deliberately not here: the fields and their
faults (`forms`), and publishing (`preview_pages`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aiohttp import web

from oncall.adapters.web.asker import signed_in
from oncall.adapters.web.forms import read_form, typed
from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.problems import Problem
from oncall.adapters.web.rendering import see_other, show
from oncall.adapters.web.rota.before_after import guards_shown, shown_tried
from oncall.adapters.web.rota.draft_bar import NOW
from oncall.adapters.web.rota.forms import (
    DAYS_ASKED,
    FORMS,
    MOST_DAYS,
    TURNS,
    WEEK_DAYS,
    Fault,
    Form,
    day_places,
    faults_in,
    field_of,
    holiday_typed,
    prefilled,
    settled,
)
from oncall.adapters.web.rota.pages import in_words, names_in
from oncall.core.case.facts import Directory
from oncall.core.rota.edits import EditRefused
from oncall.core.rota.fairness import roster_of
from oncall.core.rota.on_call import Change, Kind, Rota, called
from oncall.core.rota.shifts import Layer
from oncall.core.wall_time import DAWN, FOREVER, wall
from oncall.service.cases.board import tier_title, tiers_in_order
from oncall.service.rota.prefill import could_fill, holder_words, slot_at, typed_at
from oncall.service.rota.preview import Preview
from oncall.service.rota.span_words import between_words
from oncall.service.typed_time import Doubt, instant_typed

FILLERS_SHOWN = 3
LIVE = "live"  # a look that the form's script asked for: what is still missing is no fault yet
WEEKS_LOOKED = timedelta(weeks=4)


@dataclass(frozen=True, slots=True)
class Setting:
    """What a form stands in: the rota with the draft in it, its people called as on the pages, and whose telephones
    are proven."""

    rota: Rota
    directory: Directory

    @property
    def proven(self) -> frozenset[str]:
        return frozenset(person.id for person in self.directory.clinicians.values() if person.is_proven)

    @property
    def called(self) -> dict[str, str]:
        return {id: person.name for id, person in self.rota.people.items()}


def draft_author(request: web.Request, form: str = "") -> str:
    """Whose draft: one's own, or the separate one of a replacement now."""
    is_now = form == "now" or request.query.get("now") == "1"
    return signed_in(request).person + (NOW if is_now else "")


async def edit_form(request: web.Request) -> web.Response:
    """GET /rota/edit/{form}; the query prefills it, `tier` and `at` from the slot that runs then."""
    form, setting = _form(request), await setting_of(request)
    told = prefilled(dict(request.query), setting.rota)
    if form.name == "now":
        told = _with_now(told, setting, request)
    if form.name == "holiday" and told.get("changes"):
        told = await _as_it_stands(request, told["changes"])
    return await _page(request, form, setting, told, {})


async def _as_it_stands(request: web.Request, name: str) -> dict[str, str]:
    """Raises Problem for a holiday that is not there."""
    try:
        return holiday_typed(await request.app[GIVEN].rota_desk.holiday(draft_author(request), name))
    except EditRefused as refused:
        raise Problem(404, "no-such-holiday", str(refused)) from None


async def send_form(request: web.Request) -> web.Response:
    """POST /rota/edit/{form}: one more edit of the draft, or with `look` only what it would do."""
    form, setting, brought = _form(request), await setting_of(request), await read_form(request)
    told = settled({name: typed(brought, name)[:500] for name in brought if name != "csrf"})
    if "look" in told:
        return await _looked_at(request, form, setting, told)
    if found := faults_in(form, told, setting.rota.zone):
        return await _page(request, form, setting, told, found)
    desk, author = request.app[GIVEN].rota_desk, draft_author(request, form.name)
    try:
        if form.name == "now":
            await desk.discard(author, signed_in(request).person)
        await desk.add(author, form.edit(told), by=signed_in(request).person)
    except EditRefused as refused:
        return await _page(request, form, setting, told, {field_of(form, str(refused)): Fault(str(refused))})
    return see_other("/rota/preview?now=1" if form.name == "now" else "/rota/preview")


async def _looked_at(request: web.Request, form: Form, setting: Setting, told: dict[str, str]) -> web.Response:
    """The form with what it would do; nothing is kept."""
    if found := faults_in(form, told, setting.rota.zone):
        return await _page(request, form, setting, told, found)
    try:
        tried = await request.app[GIVEN].rota_desk.try_out(draft_author(request), form.edit(told))
    except EditRefused as refused:
        return await _page(request, form, setting, told, {field_of(form, str(refused)): Fault(str(refused))})
    return await _page(request, form, setting, told, {}, tried)


def _form(request: web.Request) -> Form:
    found = FORMS.get(request.match_info["form"])
    if found is None:
        raise Problem(404, "no-such-form", "There is no such form. The rota page lists what can be changed.")
    return found


async def setting_of(request: web.Request) -> Setting:
    given = request.app[GIVEN]
    directory, rota = await given.register.directory(), given.handbooks.current().rota
    draft = await given.rota_desk.draft(draft_author(request))
    if draft.edits:
        rota = (await given.rota_desk.preview(draft.author)).after
    return Setting(called(rota, names_in(directory)), directory)


def _with_now(told: dict[str, str], setting: Setting, request: web.Request) -> dict[str, str]:
    """From this minute to the end of the slot, with the best filler."""
    now, zone = request.app[GIVEN].clock.now(), setting.rota.zone
    slot = slot_at(setting.rota, told.get("tier", ""), now)
    if slot is None:
        return told
    ends = slot.ends_at or now + timedelta(hours=12)
    span = {"starts": typed_at(now, zone), "until": typed_at(ends, zone)}
    best = next(iter(could_fill(setting.rota, slot.tier, span["starts"], span["until"], setting.proven)), None)
    return {**told, **span, **({"by": best.person} if best else {})}


async def _page(
    request: web.Request,
    form: Form,
    setting: Setting,
    told: Mapping[str, str],
    faults: Mapping[str, Fault],
    tried: Preview | None = None,
) -> web.Response:
    work = (_form_page, request, form, setting, told, faults, tried)
    return await asyncio.to_thread(*work)


def _form_page(
    request: web.Request,
    form: Form,
    setting: Setting,
    told: Mapping[str, str],
    faults: Mapping[str, Fault],
    tried: Preview | None,
) -> web.Response:
    rota, now = setting.rota, request.app[GIVEN].clock.now()
    fillers = could_fill(rota, told.get("tier", ""), told.get("starts", ""), told.get("until", ""), setting.proven)
    return show(
        request,
        "rota_form.html",
        status=422 if faults and told.get("look") != LIVE else 200,
        form=form,
        forms=FORMS,
        told=told,
        faults=faults,
        fillers=fillers[:FILLERS_SHOWN],
        people=people_shown(setting),
        tiers=[(f"{one.name}/{layer}", tier_title(one, layer)) for one, layer in tiers_in_order(rota)],
        patterns=_patterns(setting),
        changes=_changes(setting, now),
        holidays=sorted({holiday.name for holiday in rota.holidays if holiday.ends_at > now}),
        slot=_slot_words(setting, told),
        today=wall(now, rota.zone).date().isoformat(),
        turns=range(1, TURNS + 1),
        on_days=range(1, min(MOST_DAYS, max(DAYS_ASKED, len(day_places(told)) + 1)) + 1),
        week_days=[(day, day) for day in WEEK_DAYS],
        called=setting.called,
        guards=guards_shown(tried, setting.proven),
        **shown_tried(tried, setting.called, now, WEEKS_LOOKED),
        **in_words(rota.zone),
    )


def people_shown(setting: Setting) -> list[tuple[str, str]]:
    people = (one for one in setting.rota.people.values() if one.role != "coordinator")
    return sorted(((one.id, setting.called[one.id]) for one in people), key=lambda one: one[1])


def _patterns(setting: Setting) -> list[tuple[str, str]]:
    """Every pattern that has not ended, "Pump team, primary: pattern 1, Dr Lee, Dr Singh"."""
    return [
        (f"{rotation.name}/{layer.name}#{number}", f"{tier_title(rotation, layer.name)}, pattern {number}: {who}")
        for rotation in setting.rota.rotations.values()
        for layer in rotation.layers
        for number, who in enumerate(_rosters(setting, layer), 1)
    ]


def _rosters(setting: Setting, layer: Layer) -> list[str]:
    """Who takes turns in each pattern as it stands in the file; holidays' patterns stand before those."""
    own = [pattern for pattern in layer.patterns if not pattern.why.startswith("holiday")]
    return [
        ", ".join(setting.called.get(id, id) for id in roster_of(replace(layer, patterns=(pattern,)), DAWN, FOREVER))
        for pattern in own
    ]


def _changes(setting: Setting, now: datetime) -> list[tuple[str, str]]:
    """One-off changes that are not over, "C7 cover Dr Osei, Wed 2 Dec 07:00 to 19:00"."""
    found = {
        change.id: change
        for rotation in setting.rota.rotations.values()
        for change in rotation.changes
        if change.ends_at > now
    }
    return [
        (id, f"{id} {one.kind.value} {setting.called.get(one.person, one.person)}, {_span(setting, one)}")
        for id, one in sorted(found.items(), key=lambda item: item[1].starts_at)
    ]


def _span(setting: Setting, change: Change) -> str:
    both = change.kind is Kind.SWAP
    return between_words(change.starts_at, change.ends_at, setting.rota.zone) + (" and its other half" if both else "")


def _slot_words(setting: Setting, told: Mapping[str, str]) -> str:
    """Who has it now, for the form's head."""
    at = instant_typed(told.get("at") or told.get("starts", ""), setting.rota.zone)
    found = None if isinstance(at, Doubt) else slot_at(setting.rota, told.get("tier", ""), at)
    if found is None or found.starts_at is None or found.ends_at is None:
        return ""
    span = between_words(found.starts_at, found.ends_at, setting.rota.zone)
    return f"{span}: {holder_words(found, setting.called)}"
