"""Runs the lab, one peer and repetition at a time, so that peers take turns and no measured ping is lost."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

# The options of `lab run` for each set, and about how long a peer takes, in seconds.
SETS = {
    "throughput": ([], 40),
    "wan-off": (["--offload", "wan-off"], 40),
    "paced": (["--paced"], 35),
}
QUICK = (["--quick"], 25)

# The lab's logs of pings, and what they are called here. Each run of the lab writes them anew.
PINGS = {"ping.txt": "idle", "pingload.txt": "load", "pingbeside.txt": "beside"}


class LabError(Exception):
    """The lab cannot do what is asked."""


class Lab:
    def __init__(self, command: pathlib.Path, peers: pathlib.Path):
        self.command = command
        self.state = pathlib.Path(os.environ.get("LAB_STATE", "/var/tmp/vgate-lab"))
        self.environment = {**os.environ, "LAB_PEERS": str(peers), "LAB_STATE": str(self.state)}

    def install_if_missing(self) -> None:
        """The peers are Debian's packages; the lab knows which."""
        present = (
            shutil.which("iperf3") and shutil.which("openvpn") and (self.state / "opt/wireguard-go-trixie").exists()
        )
        if not present:
            print("installing the peers (lab install)", flush=True)
            subprocess.run([self.command, "install"], env=self.environment, check=True)

    def down(self) -> None:
        subprocess.run([self.command, "down"], env=self.environment, check=False)

    def measure(
        self, folder: pathlib.Path, sets: list[str], peers: list[str], more: list[str], reps: int, quick: bool
    ) -> None:
        """Measures into `folder`: results.jsonl, a line a run of the lab; pings.jsonl, each round-trip time."""
        if unknown := [s for s in sets if s not in SETS]:
            raise LabError(f"no such set: {unknown[0]}; there are {', '.join(SETS)}")
        steps = [
            (name, rep, peer)
            for name in sets
            for rep in range(1, reps + 1)
            for peer in (peers + more if name == "paced" else peers)
        ]
        seconds = [QUICK[1] if quick and name == "throughput" else SETS[name][1] for name, _, _ in steps]
        for number, (name, rep, peer) in enumerate(steps):
            left = sum(seconds[number:]) / 60
            print(
                f"[{number + 1:2}/{len(steps)}, {left:3.0f} min left] {name} {rep}/{reps}: {peer:17} ",
                end="",
                flush=True,
            )
            began = time.monotonic()
            options = QUICK[0] if quick and name == "throughput" else SETS[name][0]
            print(f"{self._step(folder, name, rep, peer, options)}  {time.monotonic() - began:.0f} s", flush=True)

    def _step(self, folder: pathlib.Path, name: str, rep: int, peer: str, options: list[str]) -> str:
        for ping in PINGS:
            (self.state / "run" / ping).unlink(missing_ok=True)
        line_file = folder / "line.jsonl"
        environment = {**self.environment, "LAB_RESULTS": str(line_file)}
        with (folder / "lab.log").open("a") as log:
            command = [self.command, "run", "--reps", "1", "--peers", peer, *options]
            subprocess.run(command, env=environment, stdout=log, stderr=log, check=False)
        if not line_file.exists():
            raise LabError(f"the lab measured nothing; see {folder / 'lab.log'}")
        measured = {**json.loads(line_file.read_text().splitlines()[-1]), "set": name, "rep": rep}
        line_file.unlink()
        _append(folder / "results.jsonl", measured)
        if measured["status"] == "failed":
            print("\n", (folder / "lab.log").read_text().splitlines()[-2:], file=sys.stderr)
            return "FAILED"
        pings = {kind: _round_trips(self.state / "run" / file) for file, kind in PINGS.items()}
        _append(
            folder / "pings.jsonl", {"set": name, "rep": rep, "peer": peer, **{k: v for k, v in pings.items() if v}}
        )
        return _digest(measured)


def _append(file: pathlib.Path, value: dict) -> None:
    with file.open("a") as lines:
        lines.write(json.dumps(value) + "\n")


def _round_trips(file: pathlib.Path) -> list[float]:
    """Microseconds."""
    if not file.exists():
        return []
    return [
        round(float(line.split("time=")[1].split()[0]) * 1000, 1)
        for line in file.read_text().splitlines()
        if "time=" in line
    ]


def _digest(measured: dict) -> str:
    if "pps_clean" in measured:
        return f"{measured['pps_clean']:>8,} packets/s clean"
    return f"{measured.get('tcp1_mbps') or 0:>8,.0f} Mb/s"
