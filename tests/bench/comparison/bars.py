"""What vgate must reach against its peers, and by how much it does or does not."""

import dataclasses
import statistics
from collections.abc import Callable, Iterator

from .results import Results

FASTEST_OF_ALL = "wireguard-go-new"


@dataclasses.dataclass(frozen=True)
class Bar:
    """One figure of one variant of vgate. `value` is held against `limit`; it is a ratio when there is a reference."""

    figure: str
    variant: str
    measured: str
    against: str
    value: float | None
    limit: float | None
    at_least: bool
    unit: str = "x"

    @property
    def required(self) -> str:
        if self.limit is None:
            return "report"
        return f"{self.limit:g} {self.unit} or {'more' if self.at_least else 'less'}"

    @property
    def ratio(self) -> str:
        return f"{self.value:.3g} x" if self.value is not None and self.unit == "x" else "-"

    @property
    def outcome(self) -> str:
        if self.limit is None:
            return "reported"
        if self.value is None:
            return "not measured"
        missing = (self.limit - self.value if self.at_least else self.value - self.limit) / self.limit
        return "met" if missing <= 0 else f"**missed by {missing:.0%}**"


class Bars:
    """The bars, from what was measured."""

    def __init__(self, results: Results, scale: dict | None):
        self.results = results
        self.scale = scale

    def all(self) -> list[Bar]:
        """In the order of their figures, with the variants of vgate beside each other."""
        parts = (self._throughput, self._cost, self._small, self._latency, self._rest)
        bars = [bar for part in parts for bar in part()]
        figures = list(dict.fromkeys(bar.figure for bar in bars))
        return sorted(bars, key=lambda bar: figures.index(bar.figure))

    def _throughput(self) -> Iterator[Bar]:
        for variant, one, more in (("vgate", 2.5, 2.2), ("vgate-sunjce", 1.6, None)):
            yield self._against_best("TCP, one stream", variant, "throughput", "tcp1_mbps", one, True, "Mb/s")
            yield self._against_best("TCP, four streams", variant, "throughput", "tcp4_mbps", more, True, "Mb/s")
            yield self._against_best(
                "TCP, one stream, reverse", variant, "throughput", "tcpR_mbps", more, True, "Mb/s"
            )
            yield self._against_best(
                "TCP, one stream, no WAN off-load", variant, "wan-off", "tcp1_mbps", more, True, "Mb/s"
            )

    def _cost(self) -> Iterator[Bar]:
        for variant, cpu, memory in (("vgate", 0.35, 128), ("vgate-sunjce", 0.62, 160)):
            yield self._against_best(
                "gateway CPU", variant, "throughput", "tcp1_gw_cpu_s_per_GB", cpu, False, "s/GB", digits=2
            )
            peak = self.results.peak_memory_kb(variant)
            yield self._absolute("peak memory of a gateway", variant, peak and peak / 1024, memory, "MB")

    def _small(self) -> Iterator[Bar]:
        for variant, pps, cost in (("vgate", 1.5, 0.9), ("vgate-sunjce", None, None)):
            yield self._against_best(
                "64-byte datagrams, under 0.1 % lost", variant, "paced", "pps_clean", pps, True, "packets/s"
            )
            yield self._against_best(
                "gateway CPU at 10,000 of them/s", variant, "paced", "pps_gw_us_per_packet", cost, False, "µs/packet"
            )

    def _latency(self) -> Iterator[Bar]:
        for variant in ("vgate", "vgate-sunjce"):
            for text, key in (("median", "ping_idle_med_us"), ("p99", "ping_idle_p99_us")):
                own = self.results.idle(variant, key)
                other = self.results.idle(FASTEST_OF_ALL, key)
                yield self._ratio(f"RTT idle, {text}", variant, own, (FASTEST_OF_ALL, other), 1.0, False, "µs")
                yield self._ratio(
                    f"RTT idle, {text}",
                    variant,
                    own,
                    ("openvpn", self.results.idle("openvpn", key)),
                    None,
                    False,
                    "µs",
                )
            yield self._against_best(
                "RTT p99 beside 200 Mb/s of TCP", variant, "paced", "ping_beside_p99_us", 1.3, False, "µs"
            )
            key = "ping_load_p99_us"
            other = self.results.median("throughput", FASTEST_OF_ALL, key)
            own = self.results.median("throughput", variant, key)
            yield self._ratio("RTT p99 at saturation", variant, own, (FASTEST_OF_ALL, other), 0.5, False, "µs")

    def _rest(self) -> Iterator[Bar]:
        scale = self.scale or {}
        for figure, key, limit, unit in (
            ("user CPU per packet, 4,096 V-nets, against one", "cpu_ratio_vnets", 1.15, "x"),
            ("user CPU per packet, 1,000,000 members, against one", "cpu_ratio_members", 1.15, "x"),
            ("memory per further V-net", "bytes_per_vnet", 4096, "bytes"),
            ("memory per further member", "bytes_per_member", 100, "bytes"),
        ):
            yield self._absolute(figure, "vgate", scale.get(key), limit, unit)
        for variant in ("vgate", "vgate-sunjce"):
            first = self.results.first_packets(variant)
            median = statistics.median(first) if first else None
            yield self._absolute("start of both gateways to the first packet", variant, median, 4, "s")

    def _against_best(
        self,
        figure: str,
        variant: str,
        name: str,
        key: str,
        limit: float | None,
        highest: bool,
        unit: str,
        digits: int = 0,
    ) -> Bar:
        own = self.results.median(name, variant, key)
        best = self.results.best(name, key, highest)
        return self._ratio(figure, variant, own, best or ("-", None), limit, highest, unit, digits)

    @staticmethod
    def _ratio(
        figure: str,
        variant: str,
        own: float | None,
        reference: tuple[str, float | None],
        limit: float | None,
        at_least: bool,
        unit: str,
        digits: int = 0,
    ) -> Bar:
        peer, other = reference
        text: Callable[[float | None], str] = lambda value: "-" if value is None else f"{value:,.{digits}f} {unit}"
        value = own / other if own is not None and other else None
        return Bar(figure, variant, text(own), f"{peer}: {text(other)}" if other else "-", value, limit, at_least)

    @staticmethod
    def _absolute(figure: str, variant: str, value: float | None, limit: float, unit: str) -> Bar:
        text = "-" if value is None else f"{value:,.3g} {unit}" if value < 1000 else f"{value:,.0f} {unit}"
        return Bar(figure, variant, text, "-", value, limit, False, unit)
