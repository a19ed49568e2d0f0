"""The plots, as SVG."""

import pathlib

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as pyplot  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402

from .results import Results, is_vgate  # noqa: E402

# The same figures give the same bytes.
matplotlib.rcParams.update(
    {"svg.hashsalt": "vgate", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
)

OWN = ["#b3261e", "#e07a5f", "#f2b5a0"]
OTHERS = ["#1d4e89", "#3d7ab5", "#7fa8cf", "#5b6770", "#8d99a6", "#b8c0c8", "#2a9d8f", "#76c7b7"]


def write(results: Results, out: pathlib.Path) -> None:
    """Writes throughput.svg, cpu.svg and latency.svg into `out`."""
    peers = [
        *results.peers("throughput"),
        *(p for p in results.peers("paced") if p not in results.peers("throughput")),
    ]
    colors = _colors(peers)
    _throughput(results, colors, out / "throughput.svg")
    _cpu(results, colors, out / "cpu.svg")
    _latency(results, colors, out / "latency.svg")


def _colors(peers: list[str]) -> dict[str, str]:
    own, others = iter(OWN * 2), iter(OTHERS * 2)
    return {peer: "#c8c8c8" if peer == "none" else next(own if is_vgate(peer) else others) for peer in peers}


def _bars(axes: Axes, results: Results, rows: list[tuple[str, str, str]], colors: dict[str, str], text: str) -> None:
    """A group of bars for each (label, set, key) of `rows`, a bar for each peer; plain routing is left out."""
    peers = [peer for peer in colors if peer != "none" and any(results.median(s, peer, k) for _, s, k in rows)]
    height = 0.8 / max(1, len(peers))
    longest = max((results.median(s, p, k) or 0 for _, s, k in rows for p in peers), default=0) or 1
    for index, peer in enumerate(peers):
        values = [results.median(name, peer, key) or 0 for _, name, key in rows]
        places = [row + index * height for row in range(len(rows))]
        axes.barh(places, values, height * 0.92, color=colors[peer], label=peer)
        for place, value in zip(places, values):
            if value:
                axes.text(value + longest * 0.01, place, text.format(value), va="center", fontsize=7)
    axes.set_yticks([row + 0.4 - height / 2 for row in range(len(rows))], [label for label, _, _ in rows])
    axes.set_xlim(0, longest * 1.12)
    axes.invert_yaxis()
    axes.legend(frameon=False, fontsize=8, loc="lower center", bbox_to_anchor=(0.45, 1), ncols=len(peers))


def _ranking(axes: Axes, results: Results, name: str, key: str, colors: dict[str, str]) -> None:
    """A bar for each peer that has the figure, the lowest on top."""
    values = {peer: value for peer in colors if peer != "none" and (value := results.median(name, peer, key))}
    peers = sorted(values, key=lambda peer: values[peer])
    drawn = axes.barh(peers, [values[peer] for peer in peers], 0.75, color=[colors[peer] for peer in peers])
    axes.bar_label(drawn, fmt="%.3g", padding=3, fontsize=7)
    axes.set_xlim(0, max(values.values(), default=1) * 1.15)
    axes.invert_yaxis()


def _save(figure: pyplot.Figure, file: pathlib.Path) -> None:
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})
    pyplot.close(figure)


def _throughput(results: Results, colors: dict[str, str], file: pathlib.Path) -> None:
    rows = [
        ("TCP, one stream", "throughput", "tcp1_mbps"),
        ("four streams", "throughput", "tcp4_mbps"),
        ("reverse", "throughput", "tcpR_mbps"),
        ("one stream,\nno WAN off-load", "wan-off", "tcp1_mbps"),
        ("1,200-byte datagrams,\nflood", "throughput", "udp1200_mbps"),
    ]
    rows = [row for row in rows if any(results.median(row[1], peer, row[2]) for peer in colors)]
    figure, axes = pyplot.subplots(figsize=(8, 0.8 + 1.1 * len(rows)))
    _bars(axes, results, rows, colors, "{:,.0f}")
    axes.set_xlabel("Mb/s through both gateways; more is better")
    _save(figure, file)


def _cpu(results: Results, colors: dict[str, str], file: pathlib.Path) -> None:
    figure, (bulk, small) = pyplot.subplots(1, 2, figsize=(8, 2.4))
    _ranking(bulk, results, "throughput", "tcp1_gw_cpu_s_per_GB", colors)
    bulk.set_xlabel("gateways' CPU, seconds per GB of TCP")
    _ranking(small, results, "paced", "pps_gw_us_per_packet", colors)
    small.set_xlabel("gateways' CPU, µs per 64-byte datagram")
    _save(figure, file)


def _latency(results: Results, colors: dict[str, str], file: pathlib.Path) -> None:
    """How many of the pings took at most how long; the tail is stretched, for it is what people notice."""
    panels = [
        ("idle", "paced" if results.peers("paced") else "throughput", "idle"),
        ("beside 200 Mb/s of TCP", "paced", "beside"),
        ("at saturation", "throughput", "load"),
    ]
    figure, all_axes = pyplot.subplots(1, 3, figsize=(10, 3.4), sharey=True)
    for axes, (title, name, kind) in zip(all_axes, panels):
        for peer, color in colors.items():
            times = results.round_trips(name, peer, kind)
            if times:
                left = [1 - index / len(times) for index in range(len(times))]
                axes.step([t / 1000 for t in times], left, color=color, label=peer, where="post", linewidth=1.3)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_ylim(1e-3, 1.1)
        axes.set_yticks([1, 0.5, 0.1, 0.01, 0.001], ["all", "half", "1 in 10", "1 in 100", "1 in 1,000"])
        axes.xaxis.set_major_formatter("{x:g}")
        axes.minorticks_off()
        axes.grid(alpha=0.3)
        axes.set_title(title, fontsize=9)
        axes.set_xlabel("round trip, ms")
    all_axes[0].set_ylabel("pings that took longer")
    all_axes[0].legend(frameon=False, fontsize=7, loc="lower left")
    _save(figure, file)
