"""Throughput against stock nbgrader, in one run: `python -m benchmarks.throughput`, or `make bench`.

Measures step by step, keeps every result at once, and goes on where it was if it is started again. When everything is
measured the tables are printed and written to benchmarks/RESULTS.md. Takes about half an hour on two cores,
which should have nothing else to do.

Exit code: 0 everything was measured, 1 something failed (the tables say what), 2 usage.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from types import FrameType

from benchmarks import steps
from benchmarks.machine import ROOT, description, digest, load
from benchmarks.measure import CommandError
from benchmarks.results import Options, markdown
from benchmarks.steps import CheckError, Step
from benchmarks.stock import FORMS
from benchmarks.store import Store
from benchmarks.this_course import CATALOGUE

PARTS = ("engine", "stock", "ours", "verdicts", "floor", "stages", "latency")
DEFAULT = ("ps2-vector-jacobian-products", "ps6-common-mistakes")
RESULTS = ROOT / "benchmarks" / "RESULTS.md"
KEPT = ROOT / ".benchmarks" / "throughput.json"
MANY = 1000
"""From this size on a run is long enough that two repeats tell how much it varies."""


def plan(options: Options) -> Iterator[Step]:
    """All steps, so that the things to be compared take turns: what slows the machine down slows all of them down."""
    yield Step("engine/all/1", steps.engine)
    for name in options.assignments:
        for repeat in range(1, options.repeats + 1):
            yield from _throughput(options, name, repeat)
            for part, function in (("verdicts", steps.verdicts), ("floor", steps.floor)):
                take = partial(function, assignment=name, gradings=options.gradings)
                yield Step(f"{part}/{name}/{options.gradings}/{repeat}", take)
        yield Step(f"stages/{name}/{options.profiled}/1", partial(steps.stages, assignment=name, size=options.profiled))
        yield Step(f"latency/{name}/{options.turns}/1", partial(steps.latency, assignment=name, times=options.turns))


def _throughput(options: Options, name: str, repeat: int) -> Iterator[Step]:
    def ours(kind: str, size: int) -> Step:
        take = partial(steps.graded, assignment=name, kind=kind, size=size)
        return Step(f"ours/{name}/{kind}/{size}/{repeat}", take)

    for number, size in enumerate(options.sizes):
        if size < MANY or repeat <= 2:
            yield ours("class", size)
        if number < len(FORMS) and repeat <= options.stock_repeats:
            form = FORMS[number]
            take = partial(steps.stock, assignment=name, form=form, size=options.stock_size)
            yield Step(f"stock/{name}/{form}/{options.stock_size}/{repeat}", take)
    for form in FORMS[len(options.sizes) :]:
        if repeat <= options.stock_repeats:
            take = partial(steps.stock, assignment=name, form=form, size=options.stock_size)
            yield Step(f"stock/{name}/{form}/{options.stock_size}/{repeat}", take)
    if repeat <= 2:
        yield ours("right", options.compared)


def measured(todo: Sequence[Step], store: Store, folder: Path | None) -> bool:
    """Take every step that is not in the store; whether all of them succeeded. A failure ends its own step only."""
    well = True
    for number, step in enumerate(todo, start=1):
        if step.key in store:
            continue
        print(f"[{number}/{len(todo)}] {step.key}", file=sys.stderr, flush=True)
        place = Path(tempfile.mkdtemp(prefix="throughput-", dir=folder))
        try:
            store.put(step.key, step.take(place))
        except Exception as error:  # the others are measured all the same: nobody sits beside it
            well = False
            known = isinstance(error, (CommandError, CheckError))
            print(f"    failed: {error if known else traceback.format_exc()}", file=sys.stderr, flush=True)
            store.put(step.key, {"failed": type(error).__name__})
        finally:
            shutil.rmtree(place, ignore_errors=True)
    return well


def options_from(arguments: Sequence[str] | None) -> tuple[Options, argparse.Namespace]:
    """The command line as options."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.throughput", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--assignment", default=",".join(DEFAULT), help="names or short names (ps2), or 'all'")
    parser.add_argument("--sizes", default="20,200,2000", help="submissions that ours grades (default: %(default)s)")
    parser.add_argument("--stock-size", type=int, default=20, help="submissions that nbgrader grades")
    parser.add_argument("--repeats", type=int, default=3, help="how often ours is measured (twice from 1,000 on)")
    parser.add_argument("--stock-repeats", type=int, default=2, help="how often nbgrader is measured")
    parser.add_argument("--gradings", type=int, default=100, help="verdicts that a cost per verdict is taken from")
    parser.add_argument(
        "--only", choices=PARTS, action="append", help="measure this part alone, again if it is complete"
    )
    parser.add_argument("--quick", action="store_true", help="two submissions, once: to see that everything works")
    parser.add_argument("--fresh", action="store_true", help="measure everything again")
    parser.add_argument("--output", type=Path, help="where the tables go (default: benchmarks/RESULTS.md)")
    parser.add_argument("--kept", type=Path, help="where results are kept meanwhile (default: in .benchmarks/)")
    parser.add_argument("--folder", type=Path, help="where courses are made (default: the system's temporary folder)")
    given = parser.parse_args(arguments)
    words = list(CATALOGUE) if given.assignment == "all" else given.assignment.split(",")
    names = [name for word in words for name in CATALOGUE if name == word or name.startswith(f"{word}-")]
    if len(names) != len(words):
        parser.error(f"--assignment {given.assignment}: expected some of {', '.join(CATALOGUE)}")
    try:
        sizes = tuple(int(size) for size in given.sizes.split(","))
    except ValueError:
        parser.error(f"--sizes {given.sizes}: expected numbers with commas between")
    if given.quick:
        return Options(tuple(names), sizes=(2,), stock_size=2, repeats=1, stock_repeats=1, gradings=2, turns=1), given
    options = Options(tuple(names), sizes, given.stock_size, given.repeats, given.stock_repeats, given.gradings)
    return options, given


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is missing, print the tables, and write them."""
    options, given = options_from(arguments)
    todo = list(plan(options))
    wanted = [step for step in todo if not given.only or step.part in given.only]
    with tempfile.TemporaryDirectory(prefix="throughput-") as scratch:
        kept = given.kept or (Path(scratch) / "kept.json" if given.quick else KEPT)
        store = Store(kept, digest(), fresh=given.fresh)
        if all(step.key in store for step in wanted):  # nothing to go on with: it is asked for again
            for step in wanted:
                store.forget(step.key)
        if load() > 0.5:
            print(f"The machine is busy (load {load():.1f}): expect higher figures.", file=sys.stderr)
        well = measured(wanted, store, given.folder)
        text = markdown(store, options, description())
    print(text)
    output = given.output or (None if given.quick else RESULTS)
    if output:
        output.write_text(text, encoding="utf-8")
    return 0 if well else 1


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _interrupt)  # what is being measured ends too
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Interrupted. The same command goes on where this one was.")
