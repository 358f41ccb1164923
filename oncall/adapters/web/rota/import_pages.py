"""A schedule from elsewhere, looked at on a page: which column is what, who is meant, what it would change.

Looking keeps nothing: the file comes along in the form until "Put into the draft" adds its covers as one edit of the
coordinator's draft, whose preview and publishing are the usual ones. Deliberately not here: reading files, which is
done aside (`Given.look_at_schedule`), and the guards of the preview.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import replace

from aiohttp import web

from oncall.adapters.web.asker import signed_in
from oncall.adapters.web.forms import read_form, typed
from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.rendering import harmless, see_other, show
from oncall.adapters.web.rota.edit_pages import Setting, people_shown, setting_of
from oncall.core.rota.edits import EditRefused
from oncall.service.cases.board import tier_title, tiers_in_order
from oncall.service.rota.preview import staff_of
from oncall.service.rota.schedules import Said, SeenSchedule

LARGEST = 512 * 1024  # bytes: it comes along in the form, which may hold 1 MiB, a third larger than it is
LEAVE_OUT = "-"
COLUMNS = {
    "person": "Person",
    "first": "First name",
    "last": "Last name",
    "tier": "Tier or layer",
    "start": "Start, day and time",
    "date": "Day, or first day",
    "time": "Start time",
    "end": "End, day and time",
    "end date": "Last day",
    "end time": "End time",
    "hours": "Length, or hours",
}
DATES = {"": "as the file shows", "mdy": "month first: 11/23/2026", "dmy": "day first: 23/11/2026"}
NOTHING = "Choose a file, or paste the cells of a spreadsheet."
TOO_LARGE = "This is more than 512 KB: export a shorter stretch of the schedule, or only its one sheet as CSV."
NOT_THERE = "The file did not come along: choose it again."
NOT_READ = "The file could not be looked at just now. Nothing was added; try again."
PASTED = "pasted cells"
MOST_LINES, MOST_MENDINGS, MOST_NAMES = 60, 100, 200


async def import_form(request: web.Request) -> web.Response:
    """GET /rota/import."""
    return _page(request, await setting_of(request))


async def look(request: web.Request) -> web.Response:
    """POST /rota/import: looked at again and again; with `add` its covers go into the draft."""
    form, setting = await read_form(request), await setting_of(request)
    content, source = _brought(form)
    if fault := _against(content):
        return _page(request, setting, fault=fault)
    given, said = request.app[GIVEN], _said(form, setting)
    rota = replace(setting.rota, people=given.handbooks.current().rota.people)  # a file has names as the files do
    try:
        seen = await given.look_at_schedule(content, source, said, rota, staff_of(setting.directory))
    except OSError:
        return _page(request, setting, fault=NOT_READ)
    if typed(form, "add") and seen.edit is not None:
        me = signed_in(request).person
        try:
            await given.rota_desk.add(me, seen.edit, by=me)
            return see_other("/rota/preview")
        except EditRefused as refused:
            return _page(request, setting, fault=str(refused), told=(content, source, said), seen=seen)
    return _page(request, setting, told=(content, source, said), seen=seen)


def _brought(form: Mapping[str, object]) -> tuple[bytes | None, str]:
    """A new file, else new cells, else what came along in the form; None for what came along broken."""
    found = form.get("file")
    if isinstance(found, web.FileField) and found.filename:
        return found.file.read(LARGEST + 1), harmless(found.filename)[:80]
    pasted = form.get("cells")
    if isinstance(pasted, str) and pasted.strip():
        return pasted.encode("utf-8", "replace"), PASTED
    try:
        return b64decode(typed(form, "content"), validate=True), typed(form, "source")[:80] or PASTED
    except ValueError:
        return None, ""


def _against(content: bytes | None) -> str:
    if content is None:
        return NOT_THERE
    if not content.strip():
        return NOTHING
    return TOO_LARGE if len(content) > LARGEST else ""


def _said(form: Mapping[str, object], setting: Setting) -> Said:
    """What names somebody or something of ours; anything else is as if nothing had been said."""
    tiers = dict(_tiers(setting))
    people = _pairs(form, "person", set(setting.rota.people))
    columns = {role: told for role in COLUMNS if (told := typed(form, f"column:{role}")[:200])}
    usual, dates = typed(form, "tier"), typed(form, "dates")
    return Said(
        columns=columns,
        tiers=_pairs(form, "tier", set(tiers)),
        people=people,
        tier=usual if usual in tiers else "",
        hours=typed(form, "hours").strip()[:40],
        dates=dates if dates in DATES else "",
    )


def _pairs(form: Mapping[str, object], kind: str, known: set[str]) -> dict[str, str]:
    """Text and meaning stand in two fields of one number, because a text may hold any sign."""
    pairs = ((typed(form, f"{kind}{n}:text"), typed(form, f"{kind}{n}")) for n in range(MOST_NAMES))
    return {text: "" if id == LEAVE_OUT else id for text, id in pairs if id in known or id == LEAVE_OUT}


# --- the page --------------------------------------------------------------------------------------------------------

Told = tuple[bytes | None, str, Said]
NOTHING_TOLD: Told = (b"", "", Said())


def _page(
    request: web.Request,
    setting: Setting,
    fault: str = "",
    told: Told = NOTHING_TOLD,
    seen: SeenSchedule | None = None,
) -> web.Response:
    content, source, said = told
    return show(
        request,
        "rota_import.html",
        status=422 if fault else 200,
        fault=fault,
        seen=seen,
        said=said,
        source=source,
        content=b64encode(content or b"").decode(),
        columns=COLUMNS,
        dates=DATES,
        leave_out=LEAVE_OUT,
        most=MOST_LINES,
        mendings=seen.mendings[:MOST_MENDINGS] if seen else (),
        named=list(_named(seen, said)) if seen else [],
        people=people_shown(setting),
        tiers=_tiers(setting),
        headings=[(one, one) for one in seen.headings] if seen else [],
        no_tier=seen is not None and any(one.id is None and not one.text for one in seen.named),
        unclear=_unclear(seen) if seen else "",
        called=setting.called | dict(_tiers(setting)),
    )


def _named(seen: SeenSchedule, said: Said) -> Iterator[tuple[object, str]]:
    """Each name with what was chosen for it; a shift without a tier has its own field."""
    for one in [one for one in seen.named if one.text][:MOST_NAMES]:
        chosen = (said.people if one.kind == "person" else said.tiers).get(one.text)
        yield one, LEAVE_OUT if chosen == "" else chosen or ""


def _unclear(seen: SeenSchedule) -> str:
    count = len(seen.mendings) + sum(one.id is None for one in seen.named)
    return "1 thing is" if count == 1 else f"{count} things are"


def _tiers(setting: Setting) -> list[tuple[str, str]]:
    return [(f"{one.name}/{layer}", tier_title(one, layer)) for one, layer in tiers_in_order(setting.rota)]
