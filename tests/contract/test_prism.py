"""The pager against Prism: a server by somebody else that knows only Twilio's published description.

Our own simulator could share a misunderstanding with the pager; Prism cannot. It checks every request against the
description (422) and answers from its schemas. Without Node, Prism (`make prism`) or the description these tests are
skipped by name. Deliberately not here: anything that needs the carrier to behave; Prism only checks forms.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from twilio.base.exceptions import TwilioRestException

from oncall.adapters.telephony.twilio_pager import TwilioPager
from oncall.core.case.messages import Channel, Lane, Message, Outcome, Purpose, Verdict
from tests.contract.test_carrier_speaks_twilio import DESCRIPTION
from tests.support.tiny_house import ACCOUNT, ANA, LINE, TOKEN

PRISM = Path(__file__).parents[2] / "var/peers/prism/node_modules/.bin/prism"
MISSING = [
    name
    for name, is_there in (
        ("Node", shutil.which("node")),
        ("Prism (make prism)", PRISM.exists()),
        ("Twilio's published description (../shared)", DESCRIPTION.exists()),
    )
    if not is_there
]
pytestmark = [
    pytest.mark.node,
    pytest.mark.skipif(bool(MISSING), reason=f"not on this machine: {', '.join(MISSING)}"),
    pytest.mark.xdist_group("prism"),
]
SINCE = datetime(2026, 11, 25, 8, 4, tzinfo=UTC)
PAGE = Message(
    id="c1.0123456789ab",
    case="c1",
    channel=Channel.SMS,
    purpose=Purpose.PAGE,
    lane=Lane.EMERGENCY,
    to=ANA,
    body="EMERGENCY pump call #K7 3:04 AM. Reply 101 take, 103 pass on. ¿Sí?",
)
RING = Message("c1.ba9876543210", "c1", Channel.VOICE, Purpose.PAGE, Lane.EMERGENCY, ANA)


@pytest.fixture(scope="module")
def prism(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of a Prism of our own, and its log; it ends with the module."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("prism") / "log"
    words = [str(PRISM), "mock", "--host", "127.0.0.1", "--port", str(port), str(DESCRIPTION)]
    with log.open("w") as kept, subprocess.Popen(words, stdout=kept, stderr=subprocess.STDOUT) as process:
        try:
            until = time.monotonic() + 60
            while "Prism is listening" not in log.read_text(encoding="utf-8"):
                assert process.poll() is None, log.read_text(encoding="utf-8")
                assert time.monotonic() < until, "Prism did not start"
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}", log
        finally:
            process.terminate()


@pytest.fixture
async def pager(prism: tuple[str, Path]) -> AsyncIterator[TwilioPager]:
    pager = TwilioPager(ACCOUNT, TOKEN, prism[0], LINE, "https://line.hospital.example", limit=30)
    yield pager
    await pager.close()


async def test_every_request_of_the_pager_is_as_published(pager: TwilioPager, prism: tuple[str, Path]) -> None:
    """Create a text and a call, look for a text, end a call, and read one of each."""
    text, call = await pager.send(PAGE, 1), await pager.send(RING, 1)
    assert (text.verdict, call.verdict) == (Verdict.ACCEPTED, Verdict.ACCEPTED)
    assert text.sid
    assert call.sid
    assert await pager.find(PAGE, SINCE) is None, "an invented text has other words"
    assert await pager.stop("CA" + "0" * 32) == Outcome(Verdict.ACCEPTED, "CA" + "0" * 32)
    assert (await pager._messages("SM" + "0" * 32).fetch_async()).sid
    assert (await pager._calls("CA" + "0" * 32).fetch_async()).sid
    told = prism[1].read_text(encoding="utf-8")
    base = f"/2010-04-01/Accounts/{ACCOUNT}"
    for asked in (
        f"post {base}/Messages.json",
        f"post {base}/Calls.json",
        f"get {base}/Messages.json",
        f"post {base}/Calls/CA{'0' * 32}.json",
        f"get {base}/Messages/SM{'0' * 32}.json",
        f"get {base}/Calls/CA{'0' * 32}.json",
    ):
        assert f"{asked} " in told, f"Prism never heard {asked}"
    assert "did not pass the validation rules" not in told


async def test_prism_would_say_so(pager: TwilioPager, prism: tuple[str, Path]) -> None:
    """A control: a request that is not as published is refused and stands in the log."""
    with pytest.raises(TwilioRestException) as refused:
        await pager._messages("not a sid").fetch_async()
    assert refused.value.status == 422
    assert "did not pass the validation rules" in prism[1].read_text(encoding="utf-8")
