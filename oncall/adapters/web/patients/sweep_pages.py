"""Texts to families for this evening: the words in both languages, a tick beside each, and one button.

Only coordinators. What was approved can be stopped until it goes. Deliberately not here: whom it is proposed to write
to, and when it goes (`service.patients.evening_sweep`).
"""

from __future__ import annotations

from aiohttp import web

from oncall.adapters.web.asker import signed_in
from oncall.adapters.web.forms import read_form, typed
from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.rendering import see_other, show
from oncall.core.staff_numbers import masked
from oncall.service.patients.evening_sweep import TONGUES, TooLate

SAID = {"stopped": "Stopped: it does not go out."}
TONGUE_WORDS = {"en": "English", "es": "Spanish"}


async def sweep(request: web.Request) -> web.Response:
    """GET /patients/sweep."""
    said = request.query.get("said", "")
    sent = f"{said} texts go out this evening." if said.isdecimal() and said != "0" else ""
    return await _shown(request, sent or SAID.get(said, "") or ("Nothing was ticked." if said == "0" else ""))


async def send(request: web.Request) -> web.Response:
    """POST /patients/sweep: the ticked ones."""
    await read_form(request)  # one that cannot be read is refused here
    ids = {value for value in (await request.post()).getall("text", []) if isinstance(value, str)}
    try:
        count = await request.app[GIVEN].evening_sweep.send(ids, signed_in(request).person)
    except TooLate as late:
        return await _shown(request, fault=str(late))
    return see_other(f"/patients/sweep?said={count}")


async def stop(request: web.Request) -> web.Response:
    """POST /patients/sweep/stop: one that was approved."""
    await request.app[GIVEN].evening_sweep.stop(typed(await read_form(request), "text")[:60])
    return see_other("/patients/sweep?said=stopped")


async def _shown(request: web.Request, said: str = "", fault: str = "") -> web.Response:
    sweeping = request.app[GIVEN].evening_sweep
    return show(
        request,
        "sweep.html",
        status=422 if fault else 200,
        proposals=await sweeping.proposals(),
        approved=await sweeping.approved(),
        evening=sweeping.evening(),
        masked=masked,
        tongues=TONGUES,
        tongue_words=TONGUE_WORDS,
        said=said,
        fault=fault,
    )
