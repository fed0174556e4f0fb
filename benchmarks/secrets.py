"""Secrets throughput: our engine on one core and two, detect-secrets in process, ripgrep when it is there, git history.

    python benchmarks/secrets.py FOLDER [--sample MB] [--history REPOSITORY]

Prints one line a contestant: MB/s of CPU time and of wall time, findings, peak memory. The same files for all;
detect-secrets gets a sample, because it reads about 0.1 MB a second. `--make-history N` writes a repository of N
commits to REPOSITORY first.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))

from scanner.core.artifact import Artifact, Version
from scanner.core.result import Result
from scanner.scanners.secrets.engine import Engine
from scanner.scanners.secrets.run import rules_in, scan_artifact

RULES = rules_in(None)
"""Read once: a release has them compiled."""


def artifacts_of(folder: str) -> list[Artifact]:
    found = []
    for at, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(at, name)
            if os.path.islink(path) or os.path.getsize(path) > 5_000_000:
                continue
            with open(path, "rb") as file:
                data = file.read()
            if b"\0" not in data[:8192]:
                found.append(Artifact(os.path.relpath(path, folder), data))
    return found


def ours(artifacts: list[Artifact]) -> int:
    engine = Engine(RULES, low=False)
    return sum(1 for artifact in artifacts for _ in scan_artifact(engine, artifact, low=False))


def ours_on_two(artifacts: list[Artifact]) -> int:
    with get_context("fork").Pool(2) as pool:
        return sum(pool.map(ours, [artifacts[0::2], artifacts[1::2]], chunksize=1))


def detect_secrets(artifacts: list[Artifact]) -> int:
    from detect_secrets.core.plugins.initialize import from_plugin_classname
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
    from detect_secrets.settings import default_settings

    count = 0
    with default_settings():
        kinds: list[type] = list(get_mapping_from_secret_type_to_class().values())
        plugins: list[Any] = [from_plugin_classname(kind.__name__) for kind in kinds]
        for artifact in artifacts:
            for number, line in enumerate(artifact.text.split("\n"), 1):
                for plugin in plugins:
                    count += len(plugin.analyze_line(filename=artifact.path, line=line, line_number=number))
    return count


def literals_with_ripgrep(folder: str) -> Callable[[list[Artifact]], int]:
    def run(artifacts: list[Artifact]) -> int:
        known = {text for rule in RULES for text in (*rule.anchors, *rule.named) if "\n" not in text}
        command = ["rg", "-j1", "-aicF", "-f", "-", folder]
        done = subprocess.run(command, input="\n".join(sorted(known)).encode(), capture_output=True, check=False)
        return len(done.stdout.splitlines())
    return run


def show(name: str, run: Callable[[list[Artifact]], int], artifacts: list[Artifact]) -> None:
    size = sum(len(artifact.data) for artifact in artifacts) / 1e6
    wall, cpu = time.perf_counter(), sum(os.times()[:4])
    count = run(artifacts)
    wall, cpu = time.perf_counter() - wall, sum(os.times()[:4]) - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    speed = f"{size / max(cpu, 1e-6):9.2f} MB/s cpu {size / wall:9.2f} MB/s wall"
    print(f"{name:34} {size:8.1f} MB {speed} {count:7} found {peak:6} MB peak")


def history(repository: str) -> None:
    from scanner.discover.history import versions
    from scanner.evaluate.fingerprints import fingerprinted
    from scanner.scanners.secrets.past import scan_versions

    began = time.perf_counter()
    count = 0

    def counted() -> Iterator[Version]:
        nonlocal count
        for version in versions(repository):
            count += 1
            yield version

    def marks(results: list[Result], artifact: Artifact) -> list[Result]:
        return fingerprinted(results, lambda path: artifact.text)

    found = scan_versions(counted(), None, marks)
    seconds = time.perf_counter() - began
    speed = f"{count} blobs in {seconds:.1f} s = {count / seconds:.0f} blobs/s"
    print(f"history of {repository}: {speed}, {len(found)} findings")


def make_history(repository: str, commits: int) -> None:
    """Write a repository whose every commit changes two files of a hundred."""
    subprocess.run(["git", "init", "-q", "-b", "main", repository], check=True)
    stream = []
    for number in range(commits):
        stream.append(f"commit refs/heads/main\ncommitter A <a@b.test> {1700000000 + number} +0000\ndata 2\nx\n")
        for file in (number % 100, number * 7 % 100):
            text = "".join(f"value_{line} = {number * line}\n" for line in range(100))
            stream.append(f"M 100644 inline src/f{file}.py\ndata {len(text)}\n{text}\n")
    subprocess.run(["git", "-C", repository, "fast-import", "--quiet"], input="".join(stream).encode(), check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--sample", type=float, default=1.0, help="MB that detect-secrets gets")
    parser.add_argument("--history", help="a git repository")
    parser.add_argument("--make-history", type=int, default=0, help="commits")
    options = parser.parse_args()
    if options.make_history:
        make_history(options.history, options.make_history)
    artifacts = artifacts_of(options.folder)
    sample, size = [], 0
    step = max(1, int(sum(len(a.data) for a in artifacts) / 1e6 / options.sample))
    for artifact in artifacts[::step]:
        if size < options.sample * 1e6:
            sample.append(artifact)
            size += len(artifact.data)
    show("leftgate, one core", ours, artifacts)
    show("leftgate, two cores", ours_on_two, artifacts)
    show("leftgate, the sample", ours, sample)
    try:
        show("detect-secrets 1.5, the sample", detect_secrets, sample)
    except ImportError:
        print("detect-secrets is not installed")
    if shutil.which("rg"):
        show("ripgrep, our literals, one thread", literals_with_ripgrep(options.folder), artifacts)
    if options.history:
        history(options.history)


if __name__ == "__main__":
    main()
