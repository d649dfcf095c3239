"""The steps of a set-up: virtual environment, uv, lock, torch, project. Each raises SetupError with one paragraph."""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from typing import NamedTuple

from explain import FORBIDDEN, HASH, SPACE, SetupError, kind, paragraph, worth_another_try
from pip_settings import constraints, for_uv, is_true, pip_settings
from wanted import CPU, CUDA, HERE, STAMP

OLD_STAMP = ".ready"  # what the Makefile wrote before there was a lock
IMPORTED = {
    "grade": ("numpy", "matplotlib.pyplot", "IPython.core.interactiveshell", "nbgrader.api", "nbconvert", "msgspec"),
    "ci": ("numpy", "matplotlib.pyplot", "IPython.core.interactiveshell", "msgspec"),
    "torch": ("torch",),
}
"""What every run imports. Python keeps it compiled from the first import on, in a place that whoever grades may not be
allowed to write; compiling all that is installed would take longer than the installation."""

TRIES = 2
LINUX = sys.platform == "linux"


class Steps:
    """What is done to one environment.

    ``lock`` is a descriptor that the commands keep open: as long as one of them runs, nobody else sets up the same
    environment, even if this process was killed.
    """

    def __init__(self, wanted, lock):
        self.wanted = wanted
        self.lock = lock
        self.python = wanted.python
        self.uv = ""
        self.settings = {}

    def remove(self):
        """Take away what is there. Refuses a folder that was not made by a set-up."""
        folder, project = self.wanted.environment, self.wanted.project
        if not os.path.lexists(folder):
            return
        ours = [os.path.join(folder, name) for name in (STAMP, OLD_STAMP)]
        generated = bool(project) and folder == os.path.join(project, ".venv")
        if not os.path.isdir(folder) or not (generated or any(map(os.path.exists, ours)) or not os.listdir(folder)):
            raise SetupError(
                f"{self.wanted.named} holds something that no set-up has made. Remove it, or name another place: make "
                "grade VENV=/path/to/it"
            )
        for path in ours:  # first, so that what is half removed is not taken for whole
            if os.path.lexists(path):
                os.unlink(path)
        shutil.rmtree(folder)

    def make_environment(self):
        """A new virtual environment, with pip."""
        self._run(f"Making {self.wanted.named}", [sys.executable, "-I", "-m", "venv", self.wanted.environment])

    def get_uv(self):
        """uv, by pip, from the lock. Without it pip does the rest."""
        self.settings = pip_settings(self.python)
        uv = os.path.join(os.path.dirname(self.python), "uv")
        if not os.path.exists(uv):
            ran = self._try([*self._pip("install"), "--no-compile", "--only-binary", ":all:", *_locked("uv")])
            if ran.returncode and kind(ran.text) == SPACE:
                raise SetupError(paragraph("Installing uv", ran.text, 1))
            if ran.returncode:
                return self._without_uv(ran.text)
        ran = self._try([uv, "--version"])
        if ran.returncode:
            return self._without_uv(ran.text)
        self.uv = uv
        return None

    def _without_uv(self, why):
        said = paragraph("Getting uv", why, 1).partition(". ")[0]
        _say(f"{said}. pip installs the same packages; that takes longer.")

    def install_lock(self, groups, again=False):
        """What the lock names for ``groups``, each package checked against its hashes.

        With ``again`` also what seems to be there: an attempt that was broken off may have left half a package.
        """
        what, files = f"Installing the packages of {', '.join(groups)}", _locked(*groups)
        anew = ["--reinstall" if self.uv else "--force-reinstall"] if again else []
        forbidden = constraints(self.settings)
        if self.uv and forbidden:
            self._run(what, [*self._installer(), "--dry-run", "--no-deps", *files, *forbidden], TRIES)
        self._run(what, [*self._installer(), *anew, "--require-hashes", "--no-deps", *files], TRIES)

    def install_project(self):
        """The project, editable, by the locked build backend."""
        project = self.wanted.project
        self._install("Installing the project", "--no-deps", "--no-build-isolation", "--editable", project)

    def install_torch(self, build):
        """torch as it is pinned. For the CPU without its dependencies, which the lock has, and on Linux from where a
        build without CUDA is: what pip is configured with, then PyTorch's own index, then what there is."""
        pin = _pin()
        if build == CUDA:
            self._install("Installing the CUDA build of PyTorch", pin + ",!=" + _version(pin) + "+cpu")
            self._check_cuda()
            return
        if not LINUX:
            self._install("Installing PyTorch", "--no-deps", pin)
            return
        forbidden = constraints(self.settings) if self.uv else []
        ways = [["--no-deps", pin + "+cpu"]]
        if self.uv and not is_true(self.settings.get("no-index", "")):
            ways.append(["--no-deps", "--torch-backend", CPU, pin])
        for way in ways:
            ran = self._try([*self._installer(), *way, *forbidden], show=True)
            if not ran.returncode:
                return
            if kind(ran.text) in (SPACE, FORBIDDEN, HASH):
                raise SetupError(paragraph("Installing PyTorch", ran.text, 1))
        index = ", and PyTorch's own index does not answer" if len(ways) > 1 else ""
        _say(
            f"No CPU build of PyTorch {_version(pin)} could be reached: where pip looks there is none{index}. What is "
            "there is taken instead: for Linux a build with CUDA, over 2 GB with what it needs. To avoid that, tell "
            "pip of a folder or an index with a CPU build (PIP_FIND_LINKS, PIP_EXTRA_INDEX_URL), then: make clean grade"
        )
        self._install("Installing PyTorch", "--no-deps", pin)
        if self._try([self.python, "-I", "-c", "import torch"]).returncode:
            self._install("Installing what PyTorch needs", pin)

    def _check_cuda(self):
        ran = self._try([self.python, "-I", "-c", "import torch; print(torch.version.cuda)"])
        if ran.returncode or ran.text.strip() == "None":
            got = paragraph("Importing it", ran.text) if ran.returncode else "The build that came is for the CPU."
            raise SetupError(f"There is no CUDA build of PyTorch for this machine. {got} Leave out TORCH=cuda.")

    def import_once(self, groups):
        """Import what every run needs, so that it is there compiled. Raises SetupError where it can't be imported."""
        names = [name for group in groups for name in IMPORTED.get(group, ())]
        if names:
            self._run("Importing {}".format(", ".join(names)), [self.python, "-I", "-c", "import " + ", ".join(names)])

    def _pip(self, command):
        quiet = ["--disable-pip-version-check", "--no-input", "--quiet"]
        return [self.python, "-I", "-m", "pip", command, *quiet]

    def _installer(self):
        """The command that installs, with what pip is configured with."""
        if not self.uv:
            return [*self._pip("install"), "--no-compile"]
        options, _ = for_uv(self.settings, {})
        return [self.uv, "pip", "install", "--python", self.python, *options]

    def _install(self, what, *arguments):
        forbidden = constraints(self.settings) if self.uv else []  # pip reads them itself
        self._run(what, [*self._installer(), *arguments, *forbidden], TRIES)

    def _run(self, what, command, tries=1):
        """Run ``command``, as often as it may help. Raises SetupError with what it printed."""
        fresh = []
        for count in range(1, tries + 1):
            ran = self._try([*command, *fresh], show=True, last=count == tries)
            if not ran.returncode:
                return
            if not worth_another_try(ran.text):
                break
            if kind(ran.text) == HASH:
                fresh = ["--no-cache"] if self.uv else ["--no-cache-dir"]
            if count < tries:
                _say(f"{what} failed; once more ...")
        raise SetupError(paragraph(what, ran.text, count))

    def _try(self, command, show=False, last=False):
        """Run ``command``; what it printed. With ``show``, say what is being downloaded meanwhile."""
        _, environment = for_uv(self.settings, dict(os.environ)) if self.settings else ([], dict(os.environ))
        environment.update({"PIP_USER": "0", "NO_COLOR": "1", "UV_NO_PROGRESS": "1", "PYTHONIOENCODING": "utf-8"})
        environment.pop("PYTHONHOME", None)
        environment.pop("PIP_REQUIRE_VIRTUALENV", None)
        if last:  # where the user's machine trusts an authority that uv does not know
            environment.setdefault("UV_SYSTEM_CERTS", "1")
        with _cache(environment):
            try:
                process = subprocess.Popen(
                    command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                    stdin=subprocess.DEVNULL, encoding="utf-8", errors="replace", pass_fds=(self.lock,),
                )  # fmt: skip
            except OSError as error:
                return _Ran(error.errno or 1, f"{command[0]} can't be run: {error.strerror}")
            lines = []
            try:
                for line in process.stdout:
                    lines.append(line)
                    if show and line.startswith("Downloading "):
                        _say("  " + line.rstrip())
                return _Ran(process.wait(), "".join(lines))
            finally:
                if process.poll() is None:
                    process.terminate()
                    process.wait()


class _Ran(NamedTuple):
    """How a command ended, and what it printed."""

    returncode: int
    text: str


@contextmanager
def _cache(environment):
    """uv's cache: the user's, or where that can't be written one that lasts as long as the command."""
    folder = environment.get("UV_CACHE_DIR") or os.path.join(
        environment.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache"), "uv"
    )
    while not os.path.isdir(folder) and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
    if os.access(folder, os.W_OK | os.X_OK):
        yield
        return
    with tempfile.TemporaryDirectory() as own:
        environment["UV_CACHE_DIR"] = own
        yield


def _locked(*groups):
    """The options that name the lock of ``groups``."""
    return [part for name in groups for part in ("--requirement", os.path.join(HERE, name + ".txt"))]


def _pin():
    with open(os.path.join(HERE, "torch.txt"), encoding="utf-8") as file:
        return next(line.strip() for line in file if line.strip() and line[0] != "#")


def _version(pin):
    return pin.partition("==")[2]


def _say(text):
    print(text, file=sys.stderr, flush=True)
