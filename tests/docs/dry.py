"""Whether a command line means something, without running it: what is misspelt raises MisreadError."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from nbgrader.apps import NbGraderApp
from nbgrader.apps.dbapp import DbApp, DbAssignmentApp, DbStudentApp

from autograder.cli import commands
from tests.cohort.make import ROOT


class MisreadError(Exception):
    """What a program would say of its arguments."""


class IncompleteError(MisreadError):
    """An argument is missing: no more than an abbreviation in a sentence."""


def understand(words: list[str]) -> None:
    """Raise MisreadError unless the program takes its arguments. Of other programs nothing is known."""
    program, *arguments = words
    reader = {"make": _make, "autograder": _autograder, "nbgrader": _nbgrader, "pytest": _pytest}.get(program)
    if reader is not None:
        reader(arguments)


def dry_make(arguments: list[str]) -> str:
    """What `make` would run. The environment of this test is taken for the one that is there."""
    line = ["make", "-n", f"VENV={sys.prefix}", "SETUP=true", *arguments]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MisreadError(done.stderr.strip())
    return done.stdout


def _make(arguments: list[str]) -> None:
    given = [word.partition("=")[0] for word in arguments if "=" in word]
    known = set(re.findall(r"\$\((\w+)\)", (ROOT / "Makefile").read_text())) | {"PYTHON"}
    if not set(given) <= known:
        raise MisreadError(f"the Makefile has no variable {sorted(set(given) - known)}")
    for line in dry_make(arguments).splitlines():
        _, found, rest = line.partition(" -I -m autograder ")
        if found:
            _autograder(rest.split())


def _autograder(arguments: list[str]) -> None:
    command: click.Command = commands
    while isinstance(command, click.Group):
        name, *arguments = arguments or ["nothing"]
        if name in ("--help", "-h", "--version"):
            return
        if name not in command.commands:
            raise MisreadError(f"there is no command {name!r}")
        command = command.commands[name]
    if "--help" in arguments:
        return
    try:
        command.make_context(str(command.name), list(arguments))
    except click.MissingParameter as error:
        raise IncompleteError(error.format_message()) from error
    except click.ClickException as error:
        raise MisreadError(error.format_message()) from error


def _nbgrader(arguments: list[str]) -> None:
    name, *rest = arguments
    apps: dict[str, Any] = dict(NbGraderApp.subcommands)
    for group, inner in (("db", DbApp), ("assignment", DbAssignmentApp), ("student", DbStudentApp)):
        if name == group:
            apps = dict(inner.subcommands)
            name, *rest = rest
    if name not in apps:
        raise MisreadError(f"nbgrader has no command {name!r}")
    for group, inner in (("assignment", DbAssignmentApp), ("student", DbStudentApp)):
        if name == group and rest and rest[0] in inner.subcommands:
            apps, name, rest = dict(inner.subcommands), rest[0], rest[1:]
    app = apps[name][0]
    known = {*app.aliases, *app.flags} if not isinstance(app, str) else set()
    known = {one for names in known for one in ((names,) if isinstance(names, str) else names)}
    for word in rest:
        option = word.removeprefix("--").partition("=")[0]
        if not word.startswith("--") or option in known:
            continue
        owner, dot, trait = option.partition(".")
        if not dot or not _has_trait(owner, trait):
            raise MisreadError(f"nbgrader {name} has no option {word!r}")


def _has_trait(owner: str, trait: str) -> bool:
    rooms = ("nbgrader.coursedir", "nbgrader.exchange", "nbgrader.plugins", "autograder.bridges.lms.plugins")
    classes = [getattr(import_module(room), owner, None) for room in rooms]
    return any(trait in found.class_trait_names() for found in classes if found is not None)


def _pytest(arguments: list[str]) -> None:
    known = _pytest_options()
    for word in arguments:
        option = word.partition("=")[0]
        if option.startswith("-") and option not in known:
            raise MisreadError(f"pytest has no option {option}")


@cache
def _pytest_options() -> frozenset[str]:
    line = [sys.executable, "-m", "pytest", "--help"]
    done = subprocess.run(line, cwd=Path(__file__).parent, capture_output=True, text=True, check=True)
    return frozenset(re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", done.stdout))
