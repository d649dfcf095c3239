"""What a set-up was asked for, and how it compares with what is there."""

import argparse
import hashlib
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
STAMP = ".installed.json"
CPU, CUDA, NONE = "cpu", "cuda", "none"
PURPOSE = {
    "grade": "grading", "test": "the tests", "lint": "linters and types", "lab": "JupyterLab", "cluster": "Dask",
    "mutants": "small faults in copies", "ci": "`autograder ci` alone", "ci-torch": "what PyTorch needs",
}  # fmt: skip
"""The groups, and what each is for."""


class Wanted:
    """What was asked for, and ``there``: what the stamp of the environment says, empty where it says nothing."""

    def __init__(self, arguments):
        """From the command line. Leaves by SystemExit where it is wrong."""
        parser = argparse.ArgumentParser(description="Make an environment from the lock, or bring one up to date.")
        parser.add_argument("environment", help="its folder")
        parser.add_argument("groups", nargs="+", metavar="group", choices=PURPOSE, help=", ".join(PURPOSE))
        parser.add_argument(
            "--torch", choices=(CPU, CUDA, NONE, ""), default="", help="without it what is there, or cpu"
        )
        parser.add_argument("--project", default="", metavar="FOLDER", help="install the project there, editable")
        said = parser.parse_args(arguments)
        self.named = said.environment
        self.groups = list(dict.fromkeys(said.groups))
        self.torch = said.torch
        self.environment = os.path.realpath(said.environment)
        self.project = os.path.realpath(said.project) if said.project else ""
        self.python = os.path.join(self.environment, "bin", "python")
        self.stamp = os.path.join(self.environment, STAMP)
        self.read()

    def read(self):
        """Look at what is there."""
        try:
            with open(self.stamp, encoding="utf-8") as file:
                found = json.load(file)
        except (OSError, ValueError):
            found = None
        self.there = found if isinstance(found, dict) else {}

    def is_whole(self):
        """Whether nothing has to be done."""
        if not self.can_grow() or not set(self.groups) <= set(self.there["groups"]):
            return False
        return not self.project or self.there["project"] == self._project()

    def can_grow(self):
        """Whether what is there was finished, is where it was made, and follows this lock: then groups may be added."""
        there = self.there
        try:
            return (
                there["environment"] == self.environment
                and there["project"][0] in ("", self.project)
                and (there["python"] == _python() or self.runs_inside())
                and os.access(self.python, os.X_OK)
                and self.torch in ("", there["torch"])
                and there["lock"] == _digests(there["groups"])
            )
        except (KeyError, TypeError, IndexError):
            return False

    def runs_inside(self):
        """Whether the interpreter at work is the environment's own."""
        return sys.prefix != sys.base_prefix and os.path.realpath(sys.prefix) == self.environment

    def begin(self, adding=()):
        """Mark a new environment as ours and not whole, or what is added (``adding``) to one that stays whole."""
        os.makedirs(self.environment, exist_ok=True)
        self._write({**self.there, "adding": [*self.there.get("adding", ()), *adding]} if adding else {})

    def finish(self, groups, torch):
        """Write that the environment is whole."""
        project = self._project() if self.project else self.there.get("project", ["", ""])
        self._write(
            {
                "environment": self.environment,
                "project": project,
                "python": _python(),
                "torch": torch,
                "groups": groups,
                "lock": _digests(groups),
                "adding": [name for name in self.there.get("adding", ()) if name not in groups],
            }
        )

    def _write(self, said):
        with open(self.stamp + ".new", "w", encoding="utf-8") as file:
            json.dump(said, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(self.stamp + ".new", self.stamp)

    def _project(self):
        """The project's folder, and what decides how it is installed."""
        return [self.project, _digest(os.path.join(self.project, "pyproject.toml"))]


def _digests(groups):
    """Of the locks of ``groups`` and of what is installed with each of them."""
    return {name: _digest(os.path.join(HERE, f"{name}.txt")) for name in (*groups, "torch", "uv")}


def _digest(path):
    """Of a file, empty where it can't be read."""
    try:
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except OSError:
        return ""


def _python():
    return "{}.{}".format(*sys.version_info)
