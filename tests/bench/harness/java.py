"""Builds the tests module when it is not built, and runs classes of it."""

import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
MODULES = ("header-translator", "tls-tunnel", "gateway-core", "tests")
CLASS_PATH = ROOT / "tests/target/bench.classpath"

# How a gateway runs, so that what is measured is compiled as a gateway's code is.
GATEWAY_OPTIONS = f"@{ROOT}/gateway-core/src/main/launcher/gateway.options"


class BuildError(Exception):
    """There is nothing to measure."""


def command() -> str:
    """The Java that runs what is measured."""
    home = os.environ.get("JAVA_HOME")
    java = os.path.join(home, "bin/java") if home else shutil.which("java")
    if not java:
        raise BuildError("there is no java; on Debian: apt-get install openjdk-17-jdk-headless")
    return java


def class_path() -> str:
    """Builds what is missing or older than its source; returns the class path of the tests."""
    if not _is_built():
        _build()
    return f"{ROOT}/tests/target/test-classes:{ROOT}/tests/target/classes:{CLASS_PATH.read_text().strip()}"


def _sources() -> list[pathlib.Path]:
    files = [ROOT / "pom.xml", *(ROOT / module / "pom.xml" for module in MODULES)]
    for module in MODULES:
        folders = ["src/main", "src/test"] if module == "tests" else ["src/main"]
        files += [file for folder in folders for file in (ROOT / module / folder).rglob("*") if file.is_file()]
    return files


def _is_built() -> bool:
    if not CLASS_PATH.exists() or not (ROOT / "tests/target/test-classes").exists():
        return False
    built = CLASS_PATH.stat().st_mtime
    # Somebody may have cleaned up since.
    jars = CLASS_PATH.read_text().strip().split(":")
    return all(os.path.exists(jar) for jar in jars) and all(file.stat().st_mtime <= built for file in _sources())


def _build() -> None:
    if not shutil.which("mvn"):
        raise BuildError("not built, and there is no Maven; on Debian: apt-get install maven")
    print("building; it takes a minute or two", file=sys.stderr)
    maven = ["mvn", "-B", "-ntp", "-q", "-pl", "tests", "-am", "test-compile", "dependency:build-classpath"]
    maven += ["-Dmdep.outputFile=target/bench.classpath", "-Dmdep.includeScope=test"]
    # Without asking for updates if it can: all that is needed was downloaded by whoever built before.
    for options in (["-o"], []):
        built = subprocess.run([*maven, *options], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if built.returncode == 0:
            CLASS_PATH.touch()
            return
    raise BuildError("the build failed:\n" + "\n".join(built.stdout.splitlines()[:20]))
