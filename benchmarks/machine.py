"""What was measured on: processor, kernel, versions. Nothing that names a host, a person or a place."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("numpy", "torch", "nbgrader", "nbconvert", "ipykernel", "SQLAlchemy")
SOURCES = ("autograder/**/*.py", "autograder/**/*.html", "benchmarks/**/*.py", "solutions/*/p*/*.py",
           "tests/cohort/make.py", "solutions/*/*.ipynb", "assignments/*/*.ipynb")  # fmt: skip
PRINTING = frozenset({"benchmarks/results.py"})
"""What only prints the results."""


def description() -> dict[str, str]:
    """Label to value, in the order in which they are printed."""
    about = {
        "processor": f"{_processor()}, {cores()} cores used",
        "memory": f"{_memory()}",
        "system": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
    }
    for name in PACKAGES:
        try:
            about[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            about[name] = "not installed"
    return about


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def load() -> float:
    """How many processes wanted to run during the last minute; 0 where that is not known."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def digest() -> str:
    """Of everything that the results depend on in this repository: results of another state are not mixed in."""
    found = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            if path.relative_to(ROOT).as_posix() in PRINTING:
                continue
            found.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:16]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or sys.platform
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _memory() -> str:
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
    except (ValueError, OSError):
        return "unknown"
