"""What happens -> numbers that Prometheus fetches from /metrics. No label ever holds what a client sent."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from inkread.interfaces.server.limits import Workers

PROMETHEUS = CONTENT_TYPE_LATEST  # the type of ``Metrics.text``
# Seconds. A word takes 0.05, a page of a scan 1, and 30 is the usual limit.
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The numbers of one server, in a registry of its own: two servers in one process do not add up."""

    def __init__(self, workers: Workers) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "inkread_requests", "Requests that were answered.", ["route", "method", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "inkread_request_seconds",
            "Seconds from a request's arrival to the end of its answer.",
            ["route"],
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._steps = Histogram(
            "inkread_reading_seconds",
            "Seconds of each step of reading a picture.",
            ["step"],
            buckets=BUCKETS,
            registry=self._registry,
        )
        gauges = {
            "inkread_in_flight": ("Readings and decodings that run now.", lambda: workers.running),
            "inkread_queue_length": ("Requests that wait or still arrive.", lambda: workers.waiting),
            "inkread_overdue": (
                "Those of them that nobody waits for any more.",
                lambda: workers.overdue,
            ),
        }
        for name, (told, count) in gauges.items():
            Gauge(name, told, registry=self._registry).set_function(count)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """A request has been answered. ``route`` is the template that took it, never the address that was asked for."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def read(self, milliseconds: Mapping[str, float]) -> None:
        """A picture has been read, in these steps."""
        for step, took in milliseconds.items():
            self._steps.labels(step).observe(took / 1000)

    def text(self) -> bytes:
        """Everything, in Prometheus's text format."""
        return generate_latest(self._registry)
