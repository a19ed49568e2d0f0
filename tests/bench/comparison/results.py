"""What was measured, as medians."""

import json
import pathlib
import statistics

# Peers that encrypt nothing: an upper bound, no competitor.
PLAIN = {"none", "fastd-null"}

# A repetition during which others used, or the hypervisor stole, more cores than this counts only if no other does not.
NOISE_CORES = 0.3


def is_vgate(peer: str) -> bool:
    return peer == "vgate" or peer.startswith("vgate-")


class Results:
    def __init__(self, folder: pathlib.Path):
        self.rows = _lines(folder / "results.jsonl")
        self.pings = _lines(folder / "pings.jsonl")

    def peers(self, name: str) -> list[str]:
        """Who was measured in the set, in the order of the first round."""
        return list(dict.fromkeys(row["peer"] for row in self._of(name) if row["status"] != "failed"))

    def failures(self) -> dict[str, int]:
        """How often a peer failed, of those who did."""
        failed: dict[str, int] = {}
        for row in self.rows:
            if row["status"] == "failed":
                failed[row["peer"]] = failed.get(row["peer"], 0) + 1
        return failed

    def others(self, name: str) -> list[str]:
        """The encrypting peers that are not vgate."""
        return [peer for peer in self.peers(name) if peer not in PLAIN and not is_vgate(peer)]

    def median(self, name: str, peer: str, key: str) -> float | None:
        """Of the quiet repetitions, or of all when none was quiet."""
        values, quiet = self._values(name, peer, key)
        return statistics.median(quiet or values) if values else None

    def is_noisy(self, name: str, peer: str, key: str) -> bool:
        """Whether the median is one of noisy repetitions."""
        values, quiet = self._values(name, peer, key)
        return bool(values) and not quiet

    def best(self, name: str, key: str, highest: bool) -> tuple[str, float] | None:
        """The best of the encrypting peers that are not vgate, and its median."""
        found = [(peer, value) for peer in self.others(name) if (value := self.median(name, peer, key)) is not None]
        return (max if highest else min)(found, key=lambda pair: pair[1]) if found else None

    def idle(self, peer: str, key: str) -> float | None:
        """Of all sets with the WAN as it is: each of them begins with pings on an idle tunnel."""
        values = [
            row[key]
            for row in self.rows
            if row["peer"] == peer and row["set"] != "wan-off" and row.get(key) is not None
        ]
        return statistics.median(values) if values else None

    def peak_memory_kb(self, peer: str) -> float | None:
        """The larger of both gateways, over everything."""
        values = [row.get(key) or 0 for row in self.rows if row["peer"] == peer for key in ("rssA_kb", "rssB_kb")]
        return max(values) if any(values) else None

    def repetitions(self, name: str, peer: str) -> int:
        return sum(row["peer"] == peer and row["status"] != "failed" for row in self._of(name))

    def last(self, peer: str, key: str) -> str:
        return next((row[key] for row in reversed(self.rows) if row["peer"] == peer and row.get(key)), "-")

    def first_packets(self, peer: str) -> list[float]:
        """Seconds from the start of both gateways; only vgate's script measures it."""
        texts = [row.get("verify") or "" for row in self.rows if row["peer"] == peer]
        return [
            float(text.split("first packet after ")[1].split()[0]) for text in texts if "first packet after " in text
        ]

    def round_trips(self, name: str, peer: str, kind: str) -> list[float]:
        """Every measured round-trip time of all repetitions, in microseconds, ascending."""
        return sorted(
            rtt for line in self.pings if line["set"] == name and line["peer"] == peer for rtt in line.get(kind, [])
        )

    def _of(self, name: str) -> list[dict]:
        return [row for row in self.rows if row["set"] == name]

    def _values(self, name: str, peer: str, key: str) -> tuple[list[float], list[float]]:
        test = "tcp1" if key.startswith("ping_load") else key.split("_")[0]
        rows = [row for row in self._of(name) if row["peer"] == peer and row.get(key) is not None]
        quiet = [
            row
            for row in rows
            if (row.get(f"{test}_foreign_cores") or 0) + (row.get(f"{test}_steal") or 0) <= NOISE_CORES
        ]
        return [row[key] for row in rows], [row[key] for row in quiet]


def _lines(file: pathlib.Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
