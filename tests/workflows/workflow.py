"""Workflows as data, and their `run:` steps executed as a runner would execute them."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
CI = ROOT / ".github" / "workflows" / "ci.yml"
STUDENT = ROOT / "docs" / "workflows" / "student.yml"
INSTRUCTOR = ROOT / "docs" / "workflows" / "instructor.yml"
ALL = (CI, STUDENT, INSTRUCTOR)
DEPENDABOT = ROOT / ".github" / "dependabot.yml"

EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


@dataclass(frozen=True)
class Step:
    """One step, with the job that it is in."""

    job: str
    settings: Mapping[str, Any]

    @property
    def script(self) -> str:
        """What it runs; empty where it uses an action."""
        return self.settings.get("run", "")

    @property
    def action(self) -> str:
        """The action it uses; empty where it runs a script."""
        return self.settings.get("uses", "")


def load(path: Path) -> dict[str, Any]:
    """The workflow. YAML takes the key `on` for a truth value."""
    made = yaml.safe_load(path.read_text())
    return {"on" if key is True else key: value for key, value in made.items()}


def steps(path: Path, job: str | None = None) -> Iterator[Step]:
    """Every step of a workflow, or of one of its jobs."""
    for name, settings in load(path)["jobs"].items():
        if job in (None, name):
            yield from (Step(name, step) for step in settings["steps"])


def execute(
    step: Step, workspace: Path, context: Mapping[str, str], *, first_on_path: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run one step's script in ``workspace`` with GitHub's shell, expressions in its `env` taken from ``context``."""
    given = {
        name: EXPRESSION.sub(lambda found: context[found[1]], str(value))
        for name, value in step.settings.get("env", {}).items()
    }
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step.script],
        cwd=workspace,
        env={
            "PATH": f"{first_on_path}:{os.environ['PATH']}",
            "HOME": str(workspace),
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(workspace),
            "GITHUB_STEP_SUMMARY": str(workspace / "summary.md"),
            **given,
            **environment,
        },
        capture_output=True,
        text=True,
    )
