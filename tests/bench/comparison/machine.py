"""The machine that measured: without it a figure says nothing."""

import json
import pathlib
import platform
import re
import subprocess
import textwrap


def _output(*command: str, cwd: pathlib.Path | None = None) -> str:
    try:
        return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def _file(path: str) -> str:
    try:
        return pathlib.Path(path).read_text()
    except OSError:
        return ""


def _first(pattern: str, text: str, otherwise: str) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    return found.group(1).strip().strip('"') if found else otherwise


def _features(cpuinfo: str) -> str:
    flags = set(_first(r"^flags\s*: (.*)$", cpuinfo, "").split())
    return ", ".join(name for name in ("aes", "vaes", "avx2", "avx512f") if name in flags)


def describe(root: pathlib.Path) -> dict[str, str]:
    """Names what the figures depend on. `root` is the checkout."""
    cpuinfo = _file("/proc/cpuinfo")
    memory_kb = int(_first(r"^MemTotal:\s*(\d+)", _file("/proc/meminfo"), "0"))
    commit = _output("git", "describe", "--always", "--dirty", cwd=root)
    return {
        "cpu": _first(r"^model name\s*: (.*)$", cpuinfo, platform.machine()),
        "cpu_model": _first(r"^cpu family\s*: (.*)$", cpuinfo, "?") + "/" + _first(r"^model\s*: (.*)$", cpuinfo, "?"),
        "cpu_features": _features(cpuinfo),
        "cores": _output("nproc"),
        "memory_gib": f"{memory_kb / 2**20:.0f}",
        "hypervisor": _first(r"^Hypervisor vendor:\s*(.*)$", _output("lscpu"), "none"),
        "kernel": platform.release(),
        "system": _first(r"^PRETTY_NAME=(.*)$", _file("/etc/os-release"), platform.system()),
        "java": _first(r"^java\s+(.*)$", _output(str(root / "vgate"), "version"), "?"),
        "libipsec_mb": _output("dpkg-query", "-W", "-f", "${Version}", "libipsec-mb1") or "not installed",
        "vgate": _first(r"^vgate\s+(.*)$", _output(str(root / "vgate"), "version"), "?")
        + (f" ({commit})" if commit else ""),
    }


def write(file: pathlib.Path, root: pathlib.Path) -> None:
    file.write_text(json.dumps(describe(root), indent=1) + "\n")


def line(described: dict[str, str]) -> str:
    """One sentence about the machine."""
    virtual = "" if described["hypervisor"] == "none" else f", a virtual machine under {described['hypervisor']}"
    sentence = (
        f"{described['cores']} cores of {described['cpu']} (family/model {described['cpu_model']}, "
        f"{described['cpu_features']}), {described['memory_gib']} GiB{virtual}; {described['system']}, "
        f"Linux {described['kernel']}; Java {described['java']}; libipsec-mb {described['libipsec_mb']}; "
        f"vgate {described['vgate']}."
    )
    return textwrap.fill(sentence, 118)
