"""The plot of how the cost of a gateway grows."""

import pathlib

# Its settings of matplotlib are those of all plots.
from comparison import plots

from . import growth

BAR = "#8d99a6"

# The memory of fewer is lost in what the JVM has of its own.
FEWEST = 256


def write(measured: growth.Growth, file: pathlib.Path) -> None:
    figure, (cpu, memory) = plots.pyplot.subplots(1, 2, figsize=(8, 3))
    series = [
        ("V-nets, a member at each site", growth.VNETS, lambda point: point[0], plots.OWN[0], "o"),
        ("members of one V-net", growth.MEMBERS, measured.members, plots.OTHERS[0], "s"),
        ("members of 4,096 V-nets", [growth.SPREAD], measured.members, plots.OTHERS[6], "D"),
    ]
    base = measured.memory(growth.ONE)
    for label, points, count, color, marker in series:
        points = [point for point in points if point in measured.runs]
        counts = [count(point) for point in points]
        ratios = [measured.cpu_ratio(point) for point in points]
        cpu.plot(counts, ratios, color=color, marker=marker, markersize=4, label=label)
        more = [(n, (measured.memory(p) - base) / 2**20) for n, p in zip(counts, points) if n >= FEWEST]
        memory.plot([n for n, _ in more], [megabytes for _, megabytes in more], color=color, marker=marker, markersize=4)
    cpu.axhline(growth.MAX_CPU_RATIO, color=BAR, linestyle="--", linewidth=1)
    cpu.set_ylim(0, 1.5)
    cpu.set_ylabel("user CPU per packet, against one V-net")
    for bytes_each, limit, color in (
        (growth.MAX_BYTES_PER_VNET, 4096, plots.OWN[0]),
        (growth.MAX_BYTES_PER_MEMBER, 10**6, plots.OTHERS[0]),
    ):
        line = [FEWEST, limit]
        memory.plot(line, [n * bytes_each / 2**20 for n in line], color=color, linestyle="--", linewidth=1)
    memory.set_yscale("log")
    memory.set_ylim(0.01, 200)
    memory.yaxis.set_major_formatter("{x:g}")
    memory.set_ylabel("more memory than for one V-net, MB\n(its devices apart)")
    for axes in (cpu, memory):
        axes.set_xscale("log")
        axes.set_xlabel("how many; dashed: the most that is allowed")
        axes.grid(alpha=0.3)
    cpu.legend(frameon=False, fontsize=7, loc="lower right")
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})
    plots.pyplot.close(figure)
