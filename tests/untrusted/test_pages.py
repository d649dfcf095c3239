"""The nursery's memory goes into huge pages, and what it holds stays as it is."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

COUNT = """
import re
from autograder.untrusted import pages

def huge():
    with open("/proc/self/smaps_rollup") as file:
        return int(re.search(r"AnonHugePages: *(\\d+) kB", file.read())[1])

held = [[number] for number in range(500_000)]
before = huge()
pages.in_huge_pages()
print(huge() - before, held == [[number] for number in range(500_000)])
"""


def collapses() -> bool:
    """Whether the kernel has huge pages, and can put into them what is there already."""
    if not Path("/sys/kernel/mm/transparent_hugepage").exists():
        return False
    version = re.match(r"(\d+)\.(\d+)", platform.release())
    return version is not None and tuple(map(int, version.groups())) >= (6, 1)


@pytest.mark.skipif(not collapses(), reason="needs Linux 6.1 with huge pages")
def test_memory_goes_into_huge_pages_and_what_it_holds_stays():
    found = subprocess.run([sys.executable, "-c", COUNT], capture_output=True, text=True, check=True)

    gained, whole = found.stdout.split()
    assert int(gained) >= 4 * 2048, "some of it: how many huge pages fit depends on where the memory lies"
    assert whole == "True"
