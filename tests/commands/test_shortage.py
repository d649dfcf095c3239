"""Where there is too little of something, that is said, and not that a wall is missing; files honour the umask."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from autograder.boundary import resources, tiers
from autograder.boundary.job import Outcome
from autograder.errors import AutograderError
from autograder.grading.walls import raise_walls

SHORT = {
    "open files": ("ulimit -n 24", "only 24 open files.*ulimit -n"),
    "memory": ("ulimit -v 600000", "bytes of memory.*ulimit -v"),
    "processes": ("ulimit -u 8", "only 8 processes.*ulimit -u"),
}
ASK = "from autograder.boundary.resources import shortage; print(shortage())"


@pytest.mark.parametrize("what", SHORT)
def test_a_limit_is_named(what):
    limit, said = SHORT[what]

    line = ["sh", "-c", f'{limit} && exec "$0" -c "$1"', sys.executable, ASK]
    done = subprocess.run(line, capture_output=True, text=True)

    if done.returncode and "ulimit" in done.stderr:  # dash has no -u
        line[0] = "bash"
        done = subprocess.run(line, capture_output=True, text=True)
    assert re.search(said, done.stdout), (done.stdout, done.stderr)


class NoBox:
    def run(self, job):
        return Outcome(ended="refused")

    def close(self):
        pass


@pytest.mark.parametrize(
    "reason",
    ["[Errno 24] Too many open files", "[Errno 12] Cannot allocate memory", "Resource temporarily unavailable",
     "bwrap: No space left on device"],
)  # fmt: skip
def test_no_wall_is_called_missing_for_want_of_room(monkeypatch, reason):
    chosen = tiers.Chosen(NoBox(), "process", "", "", f"the box could not be started: {reason}")
    monkeypatch.setattr(tiers, "choose", lambda **_: chosen)

    with pytest.raises(AutograderError) as found:
        raise_walls(accept_weak=False, torch=False)

    assert next(told for words, told in resources.WORDS.items() if words in reason) in str(found.value)
    assert "weak" not in str(found.value)


def test_no_room_for_temporary_files_is_said(monkeypatch):
    usage = resources.shutil.disk_usage("/")._replace(free=1000)
    monkeypatch.setattr(resources.shutil, "disk_usage", lambda _: usage)

    assert "too little room" in resources.shortage()


@pytest.mark.parametrize("mask, mode", [("022", "644"), ("077", "600"), ("027", "640")])
def test_what_is_written_honours_the_umask(tmp_path, mask, mode):
    program = "import sys; from pathlib import Path; from autograder.grading._files import File, put; "
    program += "put(Path(sys.argv[1]), [File('page.html', b'x')])"

    line = ["sh", "-c", f'umask {mask} && exec "$0" -c "$1" "$2"', sys.executable, program, str(tmp_path)]
    subprocess.run(line, check=True)

    assert f"{(tmp_path / 'page.html').stat().st_mode & 0o777:o}" == mode
