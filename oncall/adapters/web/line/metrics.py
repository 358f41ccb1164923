"""Numbers for the hospital's monitoring, in a registry of their own.

Labels are closed lists (a route's template, a status, an urgency, a kind of entry): never a name, a number or a case,
because whoever reads the graphs need not know the patients. Deliberately not here: the record of care (the journal).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from oncall.core.case.case import Case, Status
from oncall.core.case.entries import MessageHeldBack, MessageProgressed
from oncall.core.case.refusals import REFUSALS, refusal_of
from oncall.core.triage.assessment import Urgency
from oncall.service.line.vigil import Standing
from oncall.service.ports.carrier import CarrierState
from oncall.service.ports.journal import Written

RECOVERED = ("text", "call", "outcome")
OPEN = tuple(status for status in Status if status not in (Status.NEW, Status.CLOSED))


class Metrics:
    """See the module."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.alarms = Counter(
            "oncall_alarms", "Deliveries to POST /v1/alarms by what came of them.", ["result"], registry=self.registry
        )
        self.webhooks = Counter(
            "oncall_webhooks", "The carrier's requests by result.", ["hook", "result"], registry=self.registry
        )
        self.answers = Counter(
            "oncall_http_answers", "HTTP answers.", ["route", "method", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "oncall_http_seconds", "Time to an HTTP answer.", ["route", "method"], registry=self.registry
        )
        self.entries = Counter("oncall_entries", "Journal entries written.", ["kind"], registry=self.registry)
        self._kinds: dict[str, Counter] = {}
        self.open_cases = Gauge("oncall_open_cases", "Open cases.", ["urgency", "status"], registry=self.registry)
        self.longest_untaken = Gauge(
            "oncall_longest_untaken_seconds",
            "Age of the oldest case paged and untaken.",
            registry=self.registry,
        )
        self.due_late = Gauge(
            "oncall_due_late_seconds", "How late the earliest clock is; 0 when none is late.", registry=self.registry
        )
        self.loops = Gauge("oncall_loop_turns", "1 while a loop of the house turns.", ["loop"], registry=self.registry)
        self.unsigned = Gauge(
            "oncall_handbook_unsigned_parts", "Parts of the handbook no clinician has signed.", registry=self.registry
        )

        self.reconciled_at = Gauge(
            "oncall_carrier_reconciled_at",
            "Until when the carrier's own lists were read and dealt with (unix seconds); 0 before the first time.",
            registry=self.registry,
        )
        self.recovered = Gauge(
            "oncall_carrier_recovered",
            "What only the carrier's lists told us since the start: texts, calls, outcomes.",
            ["kind"],
            registry=self.registry,
        )
        self.in_doubt = Gauge(
            "oncall_route_in_doubt", "1 while a route's own results are bad.", ["route"], registry=self.registry
        )
        self.feeds = Gauge(
            "oncall_calendar_feed_good_at",
            "When a copy of a watched calendar was last believed (unix seconds); 0 before the first.",
            ["feed"],
            registry=self.registry,
        )
        self.in_order = Gauge(
            "oncall_in_order",
            "1 while this proof of the line holds, 0 while it fails.",
            ["proof"],
            registry=self.registry,
        )
        self.loop_lag = Gauge(
            "oncall_loop_lag_seconds",
            "By how much the event loop was late at worst since the last look.",
            registry=self.registry,
        )
        self.refusals = Counter(
            "oncall_carrier_refusals",
            "Messages refused or not delivered, by the carrier's code and who must see to it.",
            ["code", "told"],
            registry=self.registry,
        )

    def show_standing(self, standing: Iterable[Standing]) -> None:
        """What the vigil found at its last look."""
        for one in standing:
            self.in_order.labels(one.name).set(one.wrong is None)

    def count_webhook(self, hook: str, result: str) -> None:
        """`hook` is the path of a route, `result` one of ok, forged, unknown, failed."""
        self.webhooks.labels(hook, result).inc()

    def count_entries(self, written: Written) -> None:
        """A listener of the desk."""
        for recorded in written.entries:
            self._of_kind(type(recorded.entry).__name__).inc()
            match recorded.entry:
                case MessageHeldBack(code=int(code)) | MessageProgressed(code=int(code)):
                    self._count_refusal(code)

    def _of_kind(self, kind: str) -> Counter:
        """Looked up once: every commit counts some, a new case fourteen."""
        if kind not in self._kinds:
            self._kinds[kind] = self.entries.labels(kind)
        return self._kinds[kind]

    def _count_refusal(self, code: int) -> None:
        """Codes that we know are a closed list; the rest share a label."""
        row = refusal_of(code)
        shown = str(code) if code in REFUSALS else "other"
        self.refusals.labels(shown, row.told.value if row.told else "nobody").inc()

    def show_carrier(self, state: CarrierState) -> None:
        self.reconciled_at.set(state.reconciled_at.timestamp() if state.reconciled_at else 0)
        for kind in RECOVERED:
            self.recovered.labels(kind).set(state.recovered.get(kind, 0))
        for route, doubtful in state.in_doubt.items():
            self.in_doubt.labels(route).set(doubtful)

    def show_feeds(self, good_at: Mapping[str, datetime | None]) -> None:
        """`feed` is a name from the configuration."""
        for name, at in good_at.items():
            self.feeds.labels(name).set(at.timestamp() if at else 0)

    def show_cases(self, cases: Iterable[Case], now: datetime) -> None:
        counts = dict.fromkeys(((urgency.word, status.value) for urgency in Urgency for status in OPEN), 0)
        waiting = [0.0]
        for case in cases:
            counts[(case.pace or Urgency.URGENT).word, case.status.value] += 1
            if case.status is Status.PAGING and case.holder is None and case.first_paged_at is not None:
                waiting.append((now - case.first_paged_at).total_seconds())
        for (urgency, status), count in counts.items():
            self.open_cases.labels(urgency, status).set(count)
        self.longest_untaken.set(max(waiting))

    def text(self) -> bytes:
        return generate_latest(self.registry)
