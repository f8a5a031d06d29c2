"""`worker --metrics`: the worker and its queue in figures, for Prometheus."""

from collections import Counter as Tallied
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from application.worker.watchers import Watcher, counted
from domain.delivery import DeliveryState, Notice, Outcome
from domain.fact import Recorded
from domain.refusals import Invalid, Refusal
from infrastructure.database.database import Database
from infrastructure.outbox.figures import last_told, ledger_figures
from notifiers.dispatcher import Tally

LOOPBACK = "127.0.0.1"
TOLD_WITHIN = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)
"""Seconds; the edges between which facts are counted by how long it took to tell everybody."""


class Ledger(Collector):
    """Read when somebody asks, on a connection of its own: the server answers each question in a new thread."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def collect(self) -> Iterator[Metric]:
        readable = GaugeMetricFamily("reservrutin_ledger_readable", "1 if the ledger could be read just now, else 0")
        try:
            with closing(self._database.open_connection()) as connection:
                found = ledger_figures(connection)
        except Refusal:
            readable.add_metric([], 0)
            yield readable
            return
        readable.add_metric([], 1)
        yield readable
        waiting = GaugeMetricFamily(
            "reservrutin_mail_waiting", "Deliveries that have not come to an end", labels=["state"]
        )
        for state in (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.DEFERRED, DeliveryState.AMBIGUOUS):
            waiting.add_metric([state], found.waiting.get(state, 0))
        yield waiting
        oldest = "Seconds since the oldest waiting delivery was planned, 0 where none waits"
        yield GaugeMetricFamily("reservrutin_mail_oldest_waiting_seconds", oldest, found.age(self._now()))
        of_open = GaugeMetricFamily("reservrutin_deliveries", "Deliveries of open incidents", labels=["state"])
        for state in DeliveryState:
            of_open.add_metric([state], found.of_open_incidents.get(state, 0))
        yield of_open
        yield GaugeMetricFamily("reservrutin_facts_unplanned", "Facts no worker has looked at yet", found.unplanned)


class Metrics(Watcher):
    """What this worker has done since it began, and how the ledger stands."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self.registry = CollectorRegistry()
        self.registry.register(Ledger(database, now))
        ProcessCollector(registry=self.registry)
        self._attempts = Counter(
            "reservrutin_mail_attempts", "How attempts of this worker ended", ["state"], registry=self.registry
        )
        for state in DeliveryState:
            if state not in (DeliveryState.QUEUED, DeliveryState.SENDING):
                self._attempts.labels(state)
        self._troubles = Counter(
            "reservrutin_worker_troubles", "What went wrong and stopped nothing else", ["event"], registry=self.registry
        )
        self._told = Histogram(
            "reservrutin_fact_told_seconds",
            "Seconds from when a fact was recorded until the last of its mails was accepted",
            buckets=TOLD_WITHIN,
            registry=self.registry,
        )
        self._ended = Gauge(
            "reservrutin_worker_round_ended_timestamp_seconds",
            "When everything that was due had last been done, seconds since 1970 UTC",
            registry=self.registry,
        )
        self._seconds = Gauge("reservrutin_worker_round_seconds", "How long that took", registry=self.registry)
        self._being_told: dict[tuple[str, int], Recorded] = {}
        self._of_this_round: Tallied[str] = Tallied()

    def serve(self, address: str) -> None:
        """Answer on `[HOST:]PORT`, on this machine alone unless a host is given. Raises Invalid."""
        host, _colon, port = address.rpartition(":")
        try:
            start_http_server(int(port), host.strip("[]") or LOOPBACK, self.registry)
        except (ValueError, OverflowError):
            raise Invalid("metrics-address", given=address) from None
        except OSError as error:
            raise Invalid("metrics-taken", address=address, problem=error.strerror) from error

    def settled(self, notice: Notice, outcome: Outcome) -> None:
        self._attempts.labels(outcome.state).inc()
        self._of_this_round[outcome.state] += 1
        for recorded in (*notice.also, notice.recorded):
            if not notice.summary:  # whoever comes late is not told late
                self._being_told[recorded.incident, recorded.entry] = recorded

    def trouble(self, event: str, sentence: str, **what: Any) -> None:
        self._troubles.labels(event).inc()

    def round_ended(self, tally: Tally, seconds: float) -> None:
        for state, count in counted(tally).items():  # what ended without an attempt, such as what was too old
            self._attempts.labels(state).inc(max(count - self._of_this_round[state], 0))
        self._of_this_round.clear()
        self._seconds.set(seconds)
        self._ended.set(self._now().timestamp())
        if self._being_told:
            connection = self._database.connection()
            for (incident, entry), recorded in list(self._being_told.items()):
                at, waiting = last_told(connection, incident, entry)
                if waiting:
                    continue
                if at:  # where every mail was refused or replaced nobody was told
                    self._told.observe(max((at - recorded.recorded_at).total_seconds(), 0))
                del self._being_told[incident, entry]
