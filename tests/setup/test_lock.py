"""The lock in requirements/: it follows pyproject.toml, its groups agree, and nothing unchecked is installed by it."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "requirements"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
GROUPS = ("grade", *PROJECT["dependency-groups"])
PIN = re.compile(
    r"^([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)(?: ; ([^\\\n]+?))? *\\?\n((?:    --hash=sha256:[0-9a-f]{64}.*\n)*)", re.M
)
PYTHONS = ("3.11.4", "3.12.1", "3.13.0", "3.14.0")
PLATFORMS = (("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"))


def test_the_lock_was_made_from_what_is_declared():
    """If this fails, run `make lock`."""
    program = "import sys; sys.path.insert(0, sys.argv[1]); import lock; print(lock.DECLARED + lock.digest())"
    line = subprocess.run([sys.executable, "-c", program, FOLDER], capture_output=True, text=True, check=True).stdout

    stale = [name for name in (*GROUPS, "torch") if line not in text(name)]

    assert stale == []


def test_each_declared_package_is_pinned_at_a_version_that_it_allows():
    declared = [("grade", one) for one in (*PROJECT["build-system"]["requires"], *PROJECT["project"]["dependencies"])]
    declared += [(name, one) for name, group in PROJECT["dependency-groups"].items() for one in group]
    wrong = [
        (group, one)
        for group, one in declared
        for requirement in [Requirement(one)]
        for pinned in [{version for name, version, _, _ in pins(group) if name == canonicalize_name(requirement.name)}]
        if (not pinned and requirement.name != "torch") or not all(map(requirement.specifier.contains, pinned))
    ]

    assert wrong == []
    assert Requirement(
        next(one for one in PROJECT["project"]["dependencies"] if one.startswith("torch"))
    ).specifier.contains(pins("torch")[0][1])


def test_every_package_but_torch_has_hashes_for_more_than_one_platform():
    bare = [(group, name) for group in GROUPS for name, _, _, hashes in pins(group) if not hashes.strip()]
    count = {name: hashes.count("--hash") for name, _, _, hashes in pins("grade")}

    assert bare == []
    assert min(count[name] for name in ("numpy", "matplotlib", "msgspec", "sqlalchemy")) > len(PYTHONS) * len(PLATFORMS)
    assert pins("torch")[0][3] == ""


def test_the_groups_agree_on_every_version():
    versions = {}
    for group in GROUPS:
        for name, version, marker, _ in pins(group):
            versions.setdefault((name, marker), set()).add(version)

    assert {key: found for key, found in versions.items() if len(found) > 1} == {}


def test_a_machine_gets_one_version_of_a_package_and_never_cuda():
    wrong = []
    for group in GROUPS:
        for python in PYTHONS:
            for system, machine in PLATFORMS:
                place = {
                    "python_full_version": python, "python_version": python.rpartition(".")[0], "sys_platform": system,
                    "platform_machine": machine, "os_name": "posix",
                }  # fmt: skip
                names = [name for name, _, marker, _ in pins(group) if not marker or Marker(marker).evaluate(place)]
                wrong += [(group, python, name) for name in names if names.count(name) > 1]
                wrong += [(group, python, name) for name in names if re.match(r"torch$|nvidia|cuda|triton", name)]

    assert wrong == []


def test_no_address_and_no_option_is_in_the_lock():
    wrong = [
        (name, line)
        for name in (*GROUPS, "torch")
        for line in text(name).splitlines()
        if "://" in line or re.match(r"\s*-(?!-hash=sha256:)", line)
    ]

    assert wrong == []


def test_what_grading_installs_has_no_tools_of_the_authors():
    names = {name for name, _, _, _ in pins("grade")}

    assert names & {"ruff", "mypy", "distributed", "dask", "autograd", "hypothesis", "pytest-xdist", "uv"} == set()
    assert {"filelock", "typing-extensions", "sympy", "networkx", "jinja2", "fsspec", "setuptools"} <= names


def text(name):
    return (FOLDER / f"{name}.txt").read_text()


def pins(name):
    """Name, version, marker and hashes of each pin."""
    found = PIN.findall(text(name))
    assert len(found) == sum(
        "==" in line.partition(" ;")[0] for line in text(name).splitlines() if line[:1] not in "# "
    )
    return found


def test_every_group_of_packages_can_be_asked_for():
    program = "import sys; sys.path.insert(0, sys.argv[1]); import wanted; print(*wanted.PURPOSE)"
    known = subprocess.run([sys.executable, "-c", program, FOLDER], capture_output=True, text=True, check=True).stdout

    assert set(GROUPS) - {"uv"} <= set(known.split())
