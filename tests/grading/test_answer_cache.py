"""Right answers in the user's cache folder: as good as fresh ones, and never anything else."""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.course.declare import Exercise
from autograder.grading import answer_cache
from autograder.grading.answer_cache import KIND, LARGE, AnswerCache
from autograder.grading.course import Course
from autograder.grading.plan import open_plan
from autograder.grading.secret import keep_secret, new_secret
from autograder.grading.user_cache import MOST_FILES, cache_folder
from autograder.judging import judge
from tests.this_course import CATALOGUE

ROOT = Path(__file__).resolve().parents[2]
SMALL = "ps1-chain-rule"
STRONG, WEAK = "namespaces", "process"

NAMES = list(CATALOGUE)
SOME = [pytest.param(name, marks=pytest.mark.slow if name in NAMES[1:-1] else ()) for name in NAMES]


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The cache folder of a user who has none yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(answer_cache, "LARGE", 1 << 30)  # so that what is not worked out at all was read
    return tmp_path / "cache"


@pytest.fixture
def course(tmp_path):
    """A course with a secret of its own and the released notebooks."""
    root = tmp_path / "course"
    shutil.copytree(ROOT / "assignments", root / "assignments", ignore=shutil.ignore_patterns("kit"))
    keep_secret(root, new_secret())
    return Course.at(root)


@pytest.fixture
def worked_out(monkeypatch):
    """The exercises whose right answers were worked out, one entry for each case."""
    names = []
    right = Exercise.answer_to

    def counting(self, instance):
        names.append(self.name)
        return right(self, instance)

    monkeypatch.setattr(Exercise, "answer_to", counting)
    return names


def kept(course, assignment=SMALL, tier=STRONG):
    """The plan of a run, as a command makes it, with all that it can be asked for."""
    cache = AnswerCache(course)
    return whole(cache.settled(cache.plan(assignment), tier))


def whole(plan):
    """The plan with every case drawn."""
    assert plan.tasks
    return plan


def files(home: Path) -> list[Path]:
    return sorted(home.rglob("*.answers"))


def differences(plan, other) -> list[str]:
    """The cases in which two plans are not the same to the last bit: inputs, answers, tolerances, layout."""
    wrong = []
    for name, expected in plan.expected.items():
        for one, two in zip(expected.cases, other.expected[name].cases, strict=True):
            alike = len(one.arrays) == len(two.arrays) and all(map(identical, one.arrays, two.arrays))
            rest = ("name", "draw", "check", "scale", "adapter", "rtol", "floor", "label")
            if not alike or any(getattr(one, field) != getattr(two, field) for field in rest):
                wrong.append(f"{name}, {one.label}")
    return wrong


def identical(one, two) -> bool:
    if one is None or two is None:
        return one is two
    about = [(a.dtype, a.shape, a.flags.c_contiguous, a.flags.f_contiguous, a.tobytes()) for a in (one, two)]
    return about[0] == about[1]


@pytest.mark.parametrize("assignment", SOME)
def test_a_kept_answer_is_a_fresh_one_to_the_last_bit(course, home, worked_out, assignment, monkeypatch):
    monkeypatch.setattr(answer_cache, "LARGE", LARGE)
    fresh = whole(open_plan(course, assignment))
    kept(course, assignment)
    worked_out.clear()

    again = kept(course, assignment)

    large = [
        name
        for name, expected in fresh.expected.items()
        for case in expected.cases
        if case.instance and sum(array.nbytes for array in case.arrays if array is not None) >= LARGE
    ]
    assert sorted(worked_out) == sorted(large), "only what is large is worked out again"
    assert differences(fresh, again) == []
    assert again.fingerprint == fresh.fingerprint
    assert list(again.tasks) == list(fresh.tasks)


def test_the_folder_and_its_files_are_the_users_alone(course, home):
    old = os.umask(0)
    try:
        kept(course)
    finally:
        os.umask(old)

    (file,) = files(home)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (file.parent, file.parent.parent)] == [0o700, 0o700]
    assert b"autograder" not in file.read_bytes()


def test_another_secret_another_release_and_another_state_of_the_grader_find_nothing(
    course, home, worked_out, monkeypatch
):
    kept(course)
    runs = {"the same": lambda: None}

    def reseed():
        keep_secret(course.root, new_secret())

    def release_again():
        path = course.release(SMALL)
        path.write_bytes(path.read_bytes() + b"\n")

    def change():
        monkeypatch.setattr(answer_cache, "verdict_digest", lambda content, assignment: "another")

    runs |= {"secret": reseed, "release": release_again, "grader": change}
    found = {}
    for name, act in runs.items():
        act()
        worked_out.clear()
        kept(course)
        found[name] = not worked_out

    assert found == {"the same": True, "secret": False, "release": False, "grader": False}
    assert len(files(home)) == 4


def damages(data: bytes) -> dict[str, bytes]:
    middle = len(data) // 2
    flipped = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
    return {
        "empty": b"",
        "cut off": data[:-1],
        "half of it": data[:middle],
        "the seal alone": data[:32],
        "one bit": flipped,
        "a longer one": data + b"\0",
        "something else": b"PK\3\4" * 100,
        "a lying length": data[:32] + b"AGF1" + b"\xff" * 12 + data[48:],
    }


def test_what_is_damaged_is_worked_out_again_and_replaced(course, home, worked_out):
    fresh = whole(open_plan(course, SMALL))
    kept(course)
    (file,) = files(home)
    good = file.read_bytes()
    wrong = []
    for name, data in damages(good).items():
        file.write_bytes(data)
        worked_out.clear()
        plan = kept(course)
        if not worked_out or differences(fresh, plan) or file.read_bytes() != good:
            wrong.append(name)

    assert wrong == []


def test_answers_of_another_key_are_not_taken_under_this_name(course, home, worked_out):
    """Whoever can write the folder, but does not know the secret, can't make a file that is taken."""
    kept(course)
    (file,) = files(home)
    keep_secret(course.root, new_secret())
    kept(course)
    (other,) = set(files(home)) - {file}
    other.write_bytes(file.read_bytes())
    worked_out.clear()

    plan = kept(course)

    assert worked_out
    assert differences(open_plan(course, SMALL), plan) == []


def test_where_a_box_could_read_it_nothing_is_written_and_nothing_used(course, home, worked_out):
    weak = kept(course, tier=WEAK)
    assert files(home) == []
    kept(course)
    worked_out.clear()

    again = kept(course, tier=WEAK)

    assert worked_out, "what a box could have written is not used"
    assert differences(weak, again) == []
    assert differences(weak, kept(course, tier="other-uid")) == []


def refusals(home: Path, tmp_path: Path) -> dict[str, object]:
    """Ways in which the folder is not one to be used; each is made in an empty place."""
    elsewhere = tmp_path / "elsewhere"

    def as_link(name):
        def make():
            elsewhere.mkdir(mode=0o700, exist_ok=True)
            (elsewhere / "answers").mkdir(mode=0o700, exist_ok=True)
            place = home / name
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            place.symlink_to(elsewhere if name == "autograder" else elsewhere / "answers")

        return make

    def with_mode(name, mode):
        def make():
            (home / "autograder" / "answers").mkdir(parents=True)
            for folder in (home / "autograder", home / "autograder" / "answers"):
                folder.chmod(0o700)
            (home / name).chmod(mode)

        return make

    def as_file():
        home.mkdir(mode=0o700, exist_ok=True)
        (home / "autograder").write_text("in the way")

    def in_a_checkout():
        (home / ".git").mkdir(parents=True)

    return {
        "a link": as_link("autograder"),
        "a link inside": as_link("autograder/answers"),
        "writable by the group": with_mode("autograder/answers", 0o770),
        "writable by all": with_mode("autograder", 0o777),
        "readable by others": with_mode("autograder/answers", 0o755),
        "a file": as_file,
        "a checkout": in_a_checkout,
    }


def test_a_folder_that_others_could_have_filled_is_not_used(course, home, tmp_path, worked_out):
    fresh = whole(open_plan(course, SMALL))
    wrong = []
    for name, make in refusals(home, tmp_path).items():
        shutil.rmtree(home, ignore_errors=True)
        make()
        kept(course)
        worked_out.clear()
        plan = kept(course)
        if not worked_out or differences(fresh, plan) or files(home) or list((tmp_path).glob("elsewhere/**/*.answers")):
            wrong.append(name)

    assert wrong == []


def test_a_file_that_is_a_link_or_that_others_may_write_is_not_read(course, home, tmp_path, worked_out):
    kept(course)
    (file,) = files(home)
    moved = tmp_path / "moved"
    shutil.copyfile(file, moved)
    file.unlink()
    file.symlink_to(moved)
    worked_out.clear()
    kept(course)
    by_link = list(worked_out)
    assert not file.is_symlink(), "it is replaced by one of ours"
    file.chmod(0o666)
    worked_out.clear()
    kept(course)

    assert by_link
    assert worked_out
    assert stat.S_IMODE(files(home)[0].stat().st_mode) == 0o600


def test_a_folder_of_another_user_is_not_used(course, home, worked_out, monkeypatch):
    kept(course)
    user = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: user + 1)
    worked_out.clear()

    kept(course)

    assert worked_out


def test_a_cache_folder_in_the_course_or_beside_the_grader_is_none(course, monkeypatch):
    for place in (course.root / ".cache", ROOT / ".cache", ROOT / "tests" / "cache"):
        monkeypatch.setenv("XDG_CACHE_HOME", str(place))
        assert cache_folder(course, KIND) is None
        assert kept(course)
        assert not place.exists()


def test_without_a_home_and_with_one_that_cannot_be_written_grading_goes_on(course, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/cache")
    assert kept(course)
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert kept(course)
    assert not Path("relative").exists()
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "")
    assert cache_folder(course, KIND) is None
    assert kept(course)
    monkeypatch.setenv("HOME", str(tmp_path / "nowhere" / "at all"))
    assert kept(course)


def test_the_oldest_go_when_there_are_many(course, home):
    kept(course)
    (first,) = files(home)
    for number in range(MOST_FILES + 5):
        other = first.with_name(f"{number:032x}.answers")
        other.write_bytes(b"older")
        os.utime(other, (1000 + number, 1000 + number))
    keep_secret(course.root, new_secret())

    kept(course)

    left = files(home)
    assert len(left) == MOST_FILES
    assert first in left
    assert f"{0:032x}.answers" not in {file.name for file in left}


def test_with_a_wrong_answer_the_verdict_is_the_one_of_a_fresh_plan(course, home):
    """The mistakes of the bank, against kept answers and against fresh ones."""
    fresh = whole(open_plan(course, SMALL))
    kept(course)
    again = kept(course)
    wrong = []
    for name, exercise in fresh.exercises.items():
        for mistake in exercise.mistakes[:1]:
            verdicts = [
                judge(exercise, plan.expected[name], mistake.answer(plan.expected[name])) for plan in (fresh, again)
            ]
            plain = [replace(verdict, cpu_seconds=0.0, shown=None) for verdict in verdicts]
            if plain[0] != plain[1] or (verdicts[0].shown is None) != (verdicts[1].shown is None):
                wrong.append(f"{name}, {mistake.name}")

    assert wrong == []
