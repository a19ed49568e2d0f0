"""The page that the README shows: what was compared, on which machine, how vgate did."""

import json
import pathlib
import shutil

from . import machine, plots
from .bars import Bars
from .results import Results

HEAD = """# vgate and its peers, side by side

<!-- Written by tests/bench/run, which measures all of this anew. -->

Two gateways and a host behind each, in network namespaces of one machine:

{machine}

Everything shares its cores, so throughput says what a byte costs in gateways, hosts and kernel together, not what a
gateway on a machine of its own carries: the ratios are what holds elsewhere. Inner MTU 1,400 bytes, TCP cubic. Medians
of {reps} rounds in which peers took turns; `*` marks a figure that only repetitions with a busy neighbour gave.
vgate has certificates, policy and translation on.

![throughput](throughput.svg)
![gateway CPU](cpu.svg)
![round-trip times](latency.svg)
"""


def write(measured: pathlib.Path, out: pathlib.Path, root: pathlib.Path) -> str:
    """Writes the page, the plots and the figures into `out`; returns what a terminal shows of it."""
    results = Results(measured)
    scale_file = root / "docs/bench/scale.json"
    scale_file = scale_file if scale_file.exists() else measured / "scale.json"
    scale = json.loads(scale_file.read_text()) if scale_file.exists() else None
    described = json.loads((measured / "machine.json").read_text())
    bars = _bars(Bars(results, scale))

    out.mkdir(parents=True, exist_ok=True)
    plots.write(results, out)
    reps = max((results.repetitions("throughput", peer) for peer in results.peers("throughput")), default=0)
    page = [
        HEAD.format(machine=machine.line(described), reps=reps),
        "## Throughput and cost\n",
        _throughput(results),
        "\n## Small packets and latency\n",
        _paced(results),
        "\n## What vgate is to reach\n",
        bars,
        "\n## Who was measured\n",
        _versions(results),
    ]
    (out / "README.md").write_text("\n".join(page) + "\n")
    for name in ("results.jsonl", "machine.json"):
        if measured != out:
            shutil.copy(measured / name, out)
    return f"{bars}\n\nwritten: {out}/README.md with its plots; measured: {measured}"


def _table(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def _cell(results: Results, name: str, peer: str, key: str, digits: int = 0, scale: float = 1) -> str:
    value = results.median(name, peer, key)
    return (
        "-" if value is None else f"{value * scale:,.{digits}f}" + ("*" if results.is_noisy(name, peer, key) else "")
    )


def _throughput(results: Results) -> str:
    fastest = results.best("throughput", "tcp1_mbps", True)
    rows = []
    for peer in sorted(
        results.peers("throughput"), key=lambda p: -(results.median("throughput", p, "tcp1_mbps") or 0)
    ):
        own = results.median("throughput", peer, "tcp1_mbps")
        memory = results.peak_memory_kb(peer)
        rows.append(
            [
                peer,
                _cell(results, "throughput", peer, "tcp1_mbps"),
                f"{own / fastest[1]:.2f}" if own and fastest else "-",
                _cell(results, "throughput", peer, "tcp4_mbps"),
                _cell(results, "throughput", peer, "tcpR_mbps"),
                _cell(results, "wan-off", peer, "tcp1_mbps"),
                _cell(results, "throughput", peer, "tcp1_gw_cpu_s_per_GB", 2),
                _cell(results, "throughput", peer, "udp64_rx_pps", 1, 1e-3),
                _cell(results, "throughput", peer, "udp1200_mbps"),
                f"{memory / 1024:.0f}" if memory else "-",
            ]
        )
    head = ["peer", "TCP Mb/s", f"x {fastest[0] if fastest else '-'}", "4 streams", "reverse", "no WAN off-load"]
    return _table([*head, "gateway CPU s/GB", "64-byte flood kpps", "1,200-byte flood Mb/s", "peak memory MB"], rows)


def _paced(results: Results) -> str:
    rows = []
    for peer in results.peers("paced") or results.peers("throughput"):
        idle = [results.idle(peer, key) for key in ("ping_idle_med_us", "ping_idle_p99_us")]
        rows.append(
            [
                peer,
                _cell(results, "paced", peer, "pps_clean"),
                _cell(results, "paced", peer, "pps_gw_us_per_packet", 1),
                " / ".join("-" if value is None else f"{value:,.0f}" for value in idle),
                _cell(results, "paced", peer, "ping_beside_med_us")
                + " / "
                + _cell(results, "paced", peer, "ping_beside_p99_us"),
                _cell(results, "throughput", peer, "ping_load_med_us")
                + " / "
                + _cell(results, "throughput", peer, "ping_load_p99_us"),
            ]
        )
    head = ["peer", "64-byte datagrams/s, < 0.1 % lost", "gateway CPU µs/packet at 10,000/s"]
    return _table([*head, "RTT idle, median / p99 µs", "beside 200 Mb/s of TCP", "at saturation"], rows)


def _bars(bars: Bars) -> str:
    rows = [
        [bar.figure, bar.variant, bar.required, bar.measured, bar.against, bar.ratio, bar.outcome]
        for bar in bars.all()
    ]
    return _table(
        ["figure", "of", "required", "measured", "against the best peer, or the one named", "ratio", "outcome"], rows
    )


def _versions(results: Results) -> str:
    peers = list(dict.fromkeys(results.peers("throughput") + results.peers("wan-off") + results.peers("paced")))
    rows = [[peer, results.last(peer, "version"), results.last(peer, "verify")] for peer in peers]
    failed = ", ".join(f"{peer} x{count}" for peer, count in results.failures().items())
    note = f"\n\nFailed: {failed}" if failed else ""
    return _table(["peer", "version", "what it said of itself while it ran"], rows) + note
