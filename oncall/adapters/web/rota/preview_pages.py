"""The preview of a draft and what follows it: publish, take back, discard, put on the newest edition, undo, restore.

What is published is what was looked at: the form carries the edition and the edits that its page showed, and a draft
that has changed since is shown again instead. Where two people are needed the second signs the same form with a
password of their own. Deliberately not here: the guards and the sentences (the desk), and the forms of edits.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

import structlog
from aiohttp import web

from oncall.adapters.web.asker import signed_in
from oncall.adapters.web.forms import read_form, typed
from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.people.letting_in import network_address
from oncall.adapters.web.problems import Problem
from oncall.adapters.web.rendering import see_other, show
from oncall.adapters.web.rota.before_after import guards_shown, shown_tried
from oncall.adapters.web.rota.draft_bar import NOW
from oncall.adapters.web.rota.edit_pages import draft_author
from oncall.adapters.web.rota.pages import in_words, names_in
from oncall.adapters.web.rota.waiting import offer_of, waits_shown
from oncall.core.case.facts import Directory
from oncall.core.rota.edits import EditRefused
from oncall.core.rota.waiting import State, Waiting
from oncall.service.people.accounts import Came
from oncall.service.ports.journal import Edition
from oncall.service.rota.desk import PublishRefused
from oncall.service.rota.edit_words import EditWords
from oncall.service.rota.forecast import forecast
from oncall.service.rota.preview import Preview

log = structlog.get_logger("rota")
SHOWN = timedelta(weeks=2)
SECOND_REFUSED = "The second person's name or password is not right, or there were too many tries."
SECOND_IS_FIRST = "The second person must be somebody else, with an account that may do more than look."
CONFIRM = "Confirm who is on from now on: tick the box above the button."
LOOK_AGAIN = "The draft or the rota has changed since this page was made: look again before you publish."


async def preview(request: web.Request) -> web.Response:
    """GET /rota/preview; `now=1` for the draft of a replacement now."""
    found = await _previewed(request, draft_author(request))
    return await _page(request, found, ())


async def publish(request: web.Request) -> web.Response:
    """POST /rota/publish."""
    form, me = await read_form(request), signed_in(request)
    author = me.person + (NOW if typed(form, "now") else "")
    found = await _previewed(request, author)
    if found is None:
        return see_other("/rota/preview")
    second, against = await _second(request, found, form)
    against += _unseen(found, form)
    told = {name: typed(form, name)[:500] for name in ("reason", "second")}
    if not against:
        try:
            edition = await request.app[GIVEN].rota_desk.publish(author, told["reason"], second, by=me.person)
            return await _published(request, found, edition)
        except (PublishRefused, EditRefused) as refused:
            against = _sentences(refused)
            found = await _previewed(request, author)
    return await _page(request, found, against, told)


async def publish_when_proven(request: web.Request) -> web.Response:
    """POST /rota/publish/when-proven: whoever comes on is asked first, by a test page."""
    form, me = await read_form(request), signed_in(request)
    found = await _previewed(request, me.person)
    if found is None:
        return see_other("/rota/preview")
    reason, against = typed(form, "reason")[:500], _unseen(found, form)
    if not against:
        try:
            await request.app[GIVEN].when_proven.begin(found, reason, me.person)
            return see_other("/rota/preview")
        except PublishRefused as refused:
            against = refused.sentences
    return await _page(request, found, against, {"reason": reason})


async def cancel_waiting(request: web.Request) -> web.Response:
    """POST /rota/waiting/{waiting}/cancel: it is not published, whatever is answered."""
    cancelled = await request.app[GIVEN].when_proven.cancel(request.match_info["waiting"], signed_in(request).person)
    if cancelled is None:
        raise Problem(404, "no-such-waiting", "Nothing waits under this name. The rota page shows what does.")
    if cancelled.state is State.PUBLISHED:
        raise Problem(
            409, "published-already", "It was answered and published a moment ago. The rota page can undo it."
        )
    return see_other("/rota")


async def change_draft(request: web.Request) -> web.Response:
    """POST /rota/draft: `take_back` one edit, `discard` all, or `accept` what others have published."""
    form, me = await read_form(request), signed_in(request)
    desk, is_now = request.app[GIVEN].rota_desk, typed(form, "now")
    author = me.person + (NOW if is_now else "")
    if number := typed(form, "take_back"):
        await desk.take_back(author, int(number) if re.fullmatch("[0-9]{1,6}", number) else 0, me.person)
    elif typed(form, "discard"):
        await desk.discard(author, me.person)
    elif typed(form, "accept"):
        await desk.accept_newest(author, me.person)
    else:
        raise Problem(400, "no-act", "The form does not say what to do. Nothing was done.")
    return see_other("/rota" if typed(form, "back") == "rota" else f"/rota/preview{'?now=1' if is_now else ''}")


async def undo(request: web.Request) -> web.Response:
    """POST /rota/undo: the edition named is taken back, within ten minutes; what that makes worse is said before."""
    form = await read_form(request)
    edition, knows = typed(form, "edition"), typed(form, "knows")
    newest, before, *_ = (*await request.app[GIVEN].journal.editions(), None, None)
    if newest is None or before is None or not edition or not newest.name.startswith(edition):
        raise Problem(409, "not-undone", "Somebody has published since: there is nothing of yours to undo.")
    try:
        found = await request.app[GIVEN].rota_desk.preview_restore(before.name)
        if found.red and knows != _mark_of(found):
            return await _page(request, found, (), undoes=newest.name[:16])
        made = await request.app[GIVEN].rota_desk.undo(newest.name, signed_in(request).person, knows=True)
    except (PublishRefused, EditRefused) as refused:
        raise Problem(409, "not-undone", " ".join(_sentences(refused))) from None
    return await _published(request, found, made)


def _mark_of(found: Preview) -> str:
    """What is red, for the form that says it was read; without beginnings: a hole that runs begins anew each minute."""
    told = sorted(f"{one.rotation}/{one.layer} {one.person} {one.ends_at}" for one in found.red)
    return hashlib.sha256("|".join(told).encode()).hexdigest()[:16]


async def _published(request: web.Request, found: Preview, edition: Edition) -> web.Response:
    """It is in force whether or not anybody can be told."""
    try:
        await request.app[GIVEN].tell_of_rota(found, edition)
    except Exception as problem:  # around one edition's news
        log.error("nobody could be told of an edition", reason=type(problem).__name__)
    return see_other(f"/rota?published={edition.name[:16]}")


async def restore_form(request: web.Request) -> web.Response:
    """GET /rota/restore/{edition}: what going back to it would do."""
    found = await _restored(request)
    return await _page(request, found, (), restores=request.match_info["edition"])


async def restore(request: web.Request) -> web.Response:
    """POST /rota/restore/{edition}."""
    form, me = await read_form(request), signed_in(request)
    found = await _restored(request)
    second, against = await _second(request, found, form)
    against += _unseen(found, form)
    told = {name: typed(form, name)[:500] for name in ("reason", "second")}
    name = await _whole_name(request)
    if not against:
        try:
            edition = await request.app[GIVEN].rota_desk.restore(name, me.person, told["reason"], second)
            return await _published(request, found, edition)
        except (PublishRefused, EditRefused) as refused:
            against = _sentences(refused)
    return await _page(request, found, against, told, restores=request.match_info["edition"])


async def _restored(request: web.Request) -> Preview:
    try:
        return await request.app[GIVEN].rota_desk.preview_restore(await _whole_name(request))
    except (PublishRefused, EditRefused) as refused:
        raise Problem(409, "not-restored", " ".join(_sentences(refused))) from None


async def _whole_name(request: web.Request) -> str:
    """The edition whose name begins as the address does."""
    begins = request.match_info["edition"]
    for edition in await request.app[GIVEN].journal.editions():
        if len(begins) >= 8 and edition.name.startswith(begins):
            return edition.name
    raise Problem(404, "no-such-edition", "There is no such edition. The history lists those that are kept.")


def _sentences(refused: PublishRefused | EditRefused) -> tuple[str, ...]:
    return refused.sentences if isinstance(refused, PublishRefused) else (str(refused),)


# --- may it be published ---------------------------------------------------------------------------------------------


async def _previewed(request: web.Request, author: str) -> Preview | None:
    """None while the draft is empty."""
    desk = request.app[GIVEN].rota_desk
    return await desk.preview(author) if (await desk.draft(author)).edits else None


def seen(found: Preview) -> str:
    """What a page showed: the edition, and each edit."""
    return ":".join([found.newest[:16], *(str(one.number) for one in found.draft.edits)])


def _unseen(found: Preview, form: Mapping[str, object]) -> tuple[str, ...]:
    if typed(form, "seen") != seen(found):
        return (LOOK_AGAIN,)
    if found.soon and typed(form, "confirm") != " ".join(found.right_now):
        return (CONFIRM,)
    return ()


async def _second(request: web.Request, found: Preview, form: Mapping[str, object]) -> tuple[str, tuple[str, ...]]:
    """The second person, proven by password and, where they have set that up, a code; nobody where nobody is needed."""
    person = typed(form, "second")[:80]
    if not found.needs_two or not person:
        return "", ()
    came = Came(network_address(request), "second reader")
    account = await request.app[GIVEN].sign_in.proves(
        person, typed(form, "second_password"), typed(form, "second_code"), came
    )
    if account is None:
        return "", (SECOND_REFUSED,)
    if account.person == signed_in(request).person or account.roles <= {"viewer"}:
        return "", (SECOND_IS_FIRST,)
    return account.person, ()


# --- the page --------------------------------------------------------------------------------------------------------


async def _page(
    request: web.Request,
    found: Preview | None,
    against: Sequence[str],
    told: Mapping[str, str] | None = None,
    restores: str = "",
    undoes: str = "",
) -> web.Response:
    directory = await request.app[GIVEN].register.directory()
    author = found.draft.author if found else draft_author(request)
    waits = [] if restores or undoes else await waits_shown(request, author)
    work = (_preview_page, request, found, against, told or {}, restores, undoes, directory, waits)
    return await asyncio.to_thread(*work)


def _preview_page(
    request: web.Request,
    found: Preview | None,
    against: Sequence[str],
    told: Mapping[str, str],
    restores: str,
    undoes: str,
    directory: Directory,
    waits: Sequence[Waiting],
) -> web.Response:
    """Made beside the line's work, which goes on meanwhile."""
    given, now = request.app[GIVEN], request.app[GIVEN].clock.now()
    rota = found.after if found else given.handbooks.current().rota
    called = {id: person.name for id, person in rota.people.items()} | names_in(directory)
    proven = frozenset(person.id for person in directory.clinicians.values() if person.is_proven)
    is_now = found is not None and found.draft.author.endswith(NOW)  # they come beside at once, nobody is lost
    return show(
        request,
        "rota_preview.html",
        status=422 if against else 200,
        found=found,
        against=against,
        told=told,
        restores=restores,
        undoes=undoes,
        knows=_mark_of(found) if found and undoes else "",
        waits=waits,
        is_asked=any(one.is_open and found is not None and one.author == found.draft.author for one in waits),
        offer=None if restores or undoes or is_now else offer_of(request, found, called),
        is_now=is_now,
        seen=seen(found) if found else "",
        words=EditWords(rota, called),
        called=called,
        forecast=forecast(found.before, found.after, now, called) if found else (),
        guards=guards_shown(found, proven),
        **shown_tried(found, called, now, SHOWN),
        **in_words(rota.zone),
    )
