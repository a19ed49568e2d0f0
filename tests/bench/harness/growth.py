"""How the cost of a gateway grows with V-nets and members: what was measured, and what follows from it."""

import dataclasses
import statistics

DEVICES = 96

# What a gateway may cost: packets against those of one V-net, and bytes.
MAX_CPU_RATIO = 1.15
MAX_BYTES_PER_VNET = 4096
MAX_BYTES_PER_MEMBER = 100

ONE = (1, 1)
VNETS = [(1, 1), (16, 16), (256, 256), (4096, 4096)]
MEMBERS = [(1, 10**power) for power in range(7)]
SPREAD = (4096, 10**6)
ALL = list(dict.fromkeys([*VNETS, *MEMBERS, SPREAD]))

# What the bars are about.
ENDS = [ONE, VNETS[-1], MEMBERS[-1], SPREAD]


@dataclasses.dataclass
class Growth:
    """Runs by (V-nets, members in all); each run is what net.vgate.benchmark.ScalePoint printed."""

    runs: dict[tuple[int, int], list[dict]]
    device: dict | None

    def cpu_ns(self, point: tuple[int, int]) -> float:
        return statistics.median(run["cpu_ns"] for run in self.runs[point])

    def cpu_ratio(self, point: tuple[int, int]) -> float:
        """Against one V-net with one member, which each process measures in turn with the point."""
        return statistics.median(run["cpu_ratio"] for run in self.runs[point])

    def memory(self, point: tuple[int, int]) -> float:
        """On the heap, what is alive; and all outside of it."""
        return statistics.median(run["heap_bytes"] + run["direct_bytes"] for run in self.runs[point])

    def members(self, point: tuple[int, int]) -> int:
        return self.runs[point][0]["members"]

    def bytes_per_vnet(self) -> float:
        """Of a V-net with a member at each site, without its device."""
        most = VNETS[-1]
        return (self.memory(most) - self.memory(ONE)) / (most[0] - ONE[0])

    def device_bytes(self) -> int | None:
        return self.device and self.device["heap_bytes"] + self.device["direct_bytes"]

    def bytes_per_member(self) -> float:
        """The more of: all in one V-net, or spread over many."""
        return max(
            (self.memory(many) - self.memory(few)) / (self.members(many) - self.members(few))
            for few, many in ((ONE, MEMBERS[-1]), (VNETS[-1], SPREAD))
        )

    def summary(self) -> dict[str, float | None]:
        """What tests/bench/comparison/bars.py looks for; the worse where there are two points."""
        device = self.device_bytes()
        return {
            "cpu_ratio_vnets": round(max(self.cpu_ratio(VNETS[-1]), self.cpu_ratio(SPREAD)), 3),
            "cpu_ratio_members": round(max(self.cpu_ratio(MEMBERS[-1]), self.cpu_ratio(SPREAD)), 3),
            # Without the device it would be half of the truth.
            "bytes_per_vnet": None if device is None else round(self.bytes_per_vnet() + device),
            "bytes_per_member": round(self.bytes_per_member(), 1),
        }

    def bars(self) -> list[tuple[str, float | None, float]]:
        """Figure, what was measured, and the most that it may be."""
        summary = self.summary()
        return [
            ("user CPU per packet, 4,096 V-nets / one", summary["cpu_ratio_vnets"], MAX_CPU_RATIO),
            ("user CPU per packet, 1,000,000 members / one", summary["cpu_ratio_members"], MAX_CPU_RATIO),
            ("gateway's bytes per further V-net", summary["bytes_per_vnet"], MAX_BYTES_PER_VNET),
            ("gateway's bytes per further member", summary["bytes_per_member"], MAX_BYTES_PER_MEMBER),
        ]

    def json(self) -> dict:
        """All of it, the points as medians of their runs."""
        points = [
            {
                "vnets": point[0],
                "members": self.members(point),
                "cpu_ns_per_packet": round(self.cpu_ns(point), 1),
                "cpu_ratio": round(self.cpu_ratio(point), 3),
                "cpu_ratio_of_runs": [run["cpu_ratio"] for run in runs],
                "heap_bytes": runs[0]["heap_bytes"],
                "direct_bytes": runs[0]["direct_bytes"],
                "allocated_bytes_per_packet": max(run["allocated_bytes"] for run in runs),
            }
            for point, runs in self.runs.items()
        ]
        aead = self.runs[ONE][0]["aead"]
        return {**self.summary(), "device": self.device, "aead": aead, "points": points}
