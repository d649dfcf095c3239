"""The arguments of pytest's that `autograder test` takes: what is not here is not passed on."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

AUTO = ("auto", "logical")
"""Words for as many workers as there are cores."""


@dataclass(frozen=True)
class Options:
    """What to run and how to tell it. ``workers`` is a number or one of AUTO; ``verbose`` below 0 is quiet."""

    keyword: str = ""
    maxfail: int = 0
    verbose: int = 0
    workers: str = ""
    junitxml: str = ""
    collect_only: bool = False
    report: str = ""
    durations: int | None = None
    color: str = ""

    @classmethod
    def of(cls, namespace: Any) -> Options:
        """Those among the options that pytest itself has parsed; others are left behind."""
        workers = getattr(namespace, "numprocesses", None)
        return cls(
            keyword=namespace.keyword,
            maxfail=namespace.maxfail or 0,
            verbose=namespace.verbose,
            workers="" if workers is None else str(workers),
            junitxml=namespace.xmlpath or "",
            collect_only=namespace.collectonly,
            report="" if namespace.reportchars == "fE" else namespace.reportchars,
            durations=namespace.durations,
            color=namespace.color,
        )

    @property
    def processes(self) -> int:
        """How many worker processes; 0 is none, everything in this one."""
        return (os.cpu_count() or 1) if self.workers in AUTO else int(self.workers or 0)

    def below(self, folder: Path) -> Options:
        """The same with the file to write made absolute: pytest will run elsewhere."""
        return replace(self, junitxml=str(folder / self.junitxml)) if self.junitxml else self

    def words(self) -> list[str]:
        """The arguments as both `autograder test` and pytest take them, workers left out."""
        said = [
            (self.keyword, ["-k", self.keyword]),
            (self.maxfail, [f"--maxfail={self.maxfail}"]),
            (self.verbose, [f"-{('v' if self.verbose > 0 else 'q') * abs(self.verbose)}"]),
            (self.junitxml, [f"--junitxml={self.junitxml}"]),
            (self.collect_only, ["--collect-only"]),
            (self.report, [f"-r{self.report}"]),
            (self.durations is not None, [f"--durations={self.durations}"]),
            (self.color not in ("", "auto"), [f"--color={self.color}"]),
        ]
        return [word for given, words in said if given for word in words]

    def distribution(self, *, by_exercise: bool) -> list[str]:
        """What makes pytest-xdist start isolated workers, each with whole notebooks, or whole exercises of one."""
        if not self.processes:
            return []
        worker = f"popen//python={shlex.quote(sys.executable)} -I"
        scope = "loadscope" if by_exercise else "loadfile"
        return ["-p", "xdist", "--dist", scope, "--tx", f"{self.processes}*{worker}"]
