"""What `autograder ci` writes and where: files whole, annotations on standard output, the job's summary appended."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.bridges.ci import classroom50, github, gradescope, junit, markdown
from autograder.bridges.ci.results import Result
from autograder.errors import UsageError
from autograder.grading._files import write_atomically


@dataclass(frozen=True)
class Outputs:
    """The formats asked for, as files; ``github`` goes to standard output and to the job's summary."""

    gradescope: Path | None = None
    junit: Path | None = None
    markdown: Path | None = None
    classroom50: Path | None = None
    github: bool = False
    metadata: Path | None = None

    @property
    def single(self) -> bool:
        """Whether a format was asked for that holds one submission."""
        return self.gradescope is not None or self.classroom50 is not None


def check_places(outputs: Outputs, path: Path) -> None:
    """Raise UsageError where a file to write is one to read: the first result would take the submission's place."""
    for place in (outputs.gradescope, outputs.junit, outputs.markdown, outputs.classroom50):
        if place is None:
            continue
        if place.suffix.lower() == ".ipynb" or place.resolve() in {path.resolve(), _resolved(outputs.metadata)}:
            raise UsageError(
                f"{place} would be overwritten",
                expected="a file for the result that is no notebook and is not read",
                next_step="Name another file",
            )


def _resolved(path: Path | None) -> Path | None:
    return None if path is None else path.resolve()


def write(outputs: Outputs, results: Sequence[Result], seconds: float, who: Mapping[str, str] | None = None) -> None:
    """Write every file asked for, each whole. Classroom 50's is removed where it must not be there."""
    writers: list[tuple[Path | None, Callable[[], bytes | None]]] = [
        (outputs.junit, lambda: junit.document(results, seconds=seconds)),
        (outputs.markdown, lambda: markdown.report(results).encode()),
        (outputs.gradescope, lambda: _json(gradescope.results(results[0], seconds=seconds, notes=_late(outputs)))),
        (outputs.classroom50, lambda: _json(classroom50.result_json(results[0], who or {}))),
    ]
    for path, content in writers:
        if path is None:
            continue
        data = content()
        try:
            path.absolute().parent.mkdir(parents=True, exist_ok=True)
            if data is None:
                path.unlink(missing_ok=True)
            else:
                write_atomically(path.absolute(), data)
        except OSError as error:
            raise UsageError(
                f"{path} can't be written", got=str(error.strerror), next_step="Name a file in a folder of yours"
            ) from error


def publish(outputs: Outputs, results: Sequence[Result]) -> None:
    """Annotations on standard output, and the job's summary: one that can't be written costs nobody a result."""
    if not outputs.github:
        return
    for line in github.annotation_lines(results):
        print(line)
    name = os.environ.get("GITHUB_STEP_SUMMARY")
    if not name:
        return
    try:
        with open(name, "ab") as summary:
            summary.write(github.summary(results, already=summary.tell()).encode())
    except OSError as error:
        print(github.harmless(f"The job's summary can't be written: {error.strerror}"), file=sys.stderr)


def _late(outputs: Outputs) -> tuple[str, ...]:
    """What Gradescope says of the time; a file that is not there or not as expected costs nobody anything."""
    if outputs.metadata is None:
        return ()
    try:
        said = json.loads(outputs.metadata.read_bytes())
    except (OSError, ValueError):
        return ()
    return gradescope.late_note(said) if isinstance(said, dict) else ()


def _json(document: Mapping[str, Any] | None) -> bytes | None:
    return None if document is None else (json.dumps(document, indent=1, allow_nan=False) + "\n").encode()
