"""Which Python setup.sh takes, on images that are made of stand-ins: a folder of programs and nothing else on PATH."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import autograder

SETUP = Path(autograder.__file__).parent / "bridges" / "gradescope" / "setup.sh"
TOOLS = ("bash", "cat", "chmod", "cp", "dirname", "env", "mkdir", "rm")

PYTHON = """#!{bash}
# Python 3.{minor} as far as setup.sh can see. An environment that install.py makes with it has a copy of this file.
case "$*" in
  "-V"*) echo "Python 3.{minor}.0" ;;
  "-I -c import ensurepip"*) exec {python} -I -S -c {prelude}"$3" ;;
  "-I -c "*) echo "$(cd "$(dirname "$0")/.." && pwd)" ;;
  "-I -m compileall "*) ;;
  "-E -s "*/install.py*) {installs} && mkdir -p "$4/bin" && cp "$0" "$4/bin/python" ;;
esac
"""
PRELUDE = "import sys; sys.version_info = (3, {minor}, 0); sys.modules.update({missing}); "
APT = """#!{bash}
# A registry with the packages in the folder shop/.
case "$*" in
  "pkgnames"*) cd {shop} && for name in *; do echo "$name"; done ;;
  *"install"*) for name in "${{@:4}}"; do
      [ -e {shop}/"$name" ] || {{ echo "E: Unable to locate package $name" >&2; exit 100; }}
    done
    for name in "${{@:4}}"; do cp {shop}/"$name" {bin}/"$name"; done ;;
esac
"""


@dataclass
class Image:
    """An image under construction: its programs, and what apt could add to them."""

    root: Path
    tried: list[str] = field(default_factory=list)

    def __post_init__(self):
        for folder in ("bin", "shop", "autograder/source/autograder"):
            (self.root / folder).mkdir(parents=True)
        for tool in TOOLS:
            (self.bin / tool).symlink_to(str(shutil.which(tool)))

    @property
    def bin(self) -> Path:
        return self.root / "bin"

    def python(self, name: str, minor: int, *, venv: bool = True, installs: bool = True, shop: bool = False) -> None:
        """Put a Python 3.``minor`` there under ``name``, or into the shop."""
        prelude = PRELUDE.format(minor=minor, missing="{}" if venv else "{'ensurepip': None}")
        text = PYTHON.format(
            bash=shutil.which("bash"), minor=minor, python=shlex.quote(sys.executable), prelude=shlex.quote(prelude),
            installs=f'echo "with 3.{minor}"' if installs else f'echo "no package for 3.{minor}" >&2 && false',
        )  # fmt: skip
        _program(self.root / ("shop" if shop else "bin") / name, text)

    def apt(self) -> None:
        """Give it apt, with what is in the shop; `python3.12-venv` mends the Python of that name."""
        text = APT.format(bash=shutil.which("bash"), shop=self.root / "shop", bin=self.bin)
        _program(self.bin / "apt-get", text)
        _program(self.bin / "apt-cache", text)

    def set_up(self) -> subprocess.CompletedProcess[str]:
        source = self.root / "autograder" / "source"
        shutil.copy(SETUP, source)
        return subprocess.run(
            [str(shutil.which("bash")), str(source / "setup.sh")],
            env={"PATH": str(self.bin), "HOME": str(self.root)}, capture_output=True, text=True,
        )  # fmt: skip


def _program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def test_any_python_that_is_new_enough_will_do(tmp_path):
    images = {
        "3.14 alone": [("python3", 14), ("python3.14", 14)],
        "3.10 is python3, and there is a 3.14": [("python3", 10), ("python3.10", 10), ("python3.14", 14)],
        "python3 alone": [("python3", 12)],
        "one of a year to come": [("python3.10", 10), ("python3.27", 27)],
        "others of like names": [("python3", 9), ("python3.14-config", 14), ("python3.13t", 13), ("python3.13", 13)],
    }
    wrong = {}

    for name, pythons in images.items():
        image = Image(tmp_path / name)
        for python, minor in pythons:
            image.python(python, minor)
        done = image.set_up()
        if done.returncode or f"with 3.{pythons[-1][1]}" not in done.stdout:
            wrong[name] = done

    assert wrong == {}


def test_of_several_the_oldest_that_the_grader_runs_on_is_taken(tmp_path):
    image = Image(tmp_path)
    for minor in (9, 10, 13, 12, 14):
        image.python(f"python3.{minor}", minor)
    image.python("python3", 14)

    done = image.set_up()

    assert done.returncode == 0, done.stderr
    assert done.stdout == "with 3.12\n"


def test_one_that_makes_no_environment_is_passed_over(tmp_path):
    image = Image(tmp_path)
    image.python("python3", 12, venv=False)
    image.python("python3.12", 12, venv=False)
    image.python("python3.13", 13)

    done = image.set_up()

    assert (done.returncode, done.stdout) == (0, "with 3.13\n")


def test_where_the_packages_have_no_build_for_one_the_next_is_tried(tmp_path):
    image = Image(tmp_path)
    image.python("python3.11", 11, installs=False)
    image.python("python3.15", 15)

    done = image.set_up()

    assert (done.returncode, done.stdout) == (0, "with 3.15\n")
    assert "could not be installed with python3.11" in done.stderr


def test_where_all_fail_the_build_fails_and_says_what_was_tried(tmp_path):
    image = Image(tmp_path)
    image.python("python3.11", 11, installs=False)
    image.python("python3.15", 15, installs=False)

    done = image.set_up()

    assert done.returncode == 1
    assert "no package for 3.15" in done.stderr
    assert "with none of python3.11, python3.15" in done.stderr


def test_an_image_without_one_gets_the_oldest_that_apt_has(tmp_path):
    image = Image(tmp_path)
    image.apt()
    image.python("python3", 10)
    for minor in (10, 16, 21):
        image.python(f"python3.{minor}", minor, shop=True)
        image.python(f"python3.{minor}-venv", minor, shop=True)
    image.python("python3.12", 12, shop=True)  # without its -venv

    done = image.set_up()

    assert done.returncode == 0, done.stderr
    assert done.stdout == "with 3.16\n"


def test_an_image_that_can_have_none_is_told_with_what_it_has(tmp_path):
    for name, with_apt in (("with apt", True), ("without", False)):
        image = Image(tmp_path / name)
        image.python("python3", 10)
        if with_apt:
            image.apt()

        done = image.set_up()

        assert done.returncode == 1
        assert "no Python 3.11 or newer" in done.stderr
        assert "got Python 3.10.0" in done.stderr
        assert not os.path.exists(image.root / "autograder" / "environment")
