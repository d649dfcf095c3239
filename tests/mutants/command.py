"""`python -m tests.mutants map` and `python -m tests.mutants run`: see `--help`.

Nothing is written but `.mutants/`, which git ignores: the map, and one line for each mutant that was tried.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from itertools import islice
from pathlib import Path

from tests.mutants import mapping, rules, running, trees
from tests.mutants.running import Result

KEPT = trees.ROOT / ".mutants"
MAP, RESULTS = KEPT / "map.json", KEPT / "results.jsonl"
EQUIVALENT = Path(__file__).with_name("equivalent.json")
SEED, COUNT, ENOUGH = "1", 132, 0.95
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 1 if too few mutants were killed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description="small faults, and do tests notice?")
    commands = parser.add_subparsers(dest="command", required=True)
    mapper = commands.add_parser("map", help="find out which tests run which line: the whole suite under coverage.py")
    mapper.add_argument("pytest", nargs="*", help="more arguments for pytest, after --")
    runner = commands.add_parser("run", help="draw mutants and run the tests that cover them")
    runner.add_argument("--count", type=int, default=COUNT, help=f"how many mutants ({COUNT})")
    runner.add_argument("--seed", default=SEED, help=f"which ones are drawn ({SEED})")
    runner.add_argument("--only", nargs="+", metavar="TEXT", help="those whose key or description contains a text")
    runner.add_argument("--every", action="store_true", help="with --only: among all mutants, not the drawn ones")
    runner.add_argument("--workers", type=int, default=2, help="copies of the tree that run at once (2)")
    runner.add_argument(
        "--most", type=float, default=running.MOST, help=f"seconds of far tests for each mutant ({running.MOST:.0f})"
    )
    runner.add_argument("--resume", action="store_true", help=f"go on: what {RESULTS.name} has is not run again")
    runner.add_argument("--retry", action="store_true", help="go on, and try again what was not killed")
    runner.add_argument("--list", action="store_true", help="only say which mutants are drawn")
    given = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    KEPT.mkdir(exist_ok=True)
    if given.command == "map":
        return make_map(given.pytest)
    chosen = choose(given)
    if given.list:
        print("\n".join(f"{mutant.key} {mutant}" for mutant in chosen))
        return 0
    if not MAP.exists():
        make_map([])
    try:
        return run(chosen, given.workers, given.most, resume=given.resume or given.retry, retry=given.retry)
    except KeyboardInterrupt:
        print("\nInterrupted. What was found is kept: --resume goes on from there", file=sys.stderr)
        return INTERRUPTED


def make_map(arguments: Sequence[str]) -> int:
    """Run the suite under coverage.py and keep what it says."""
    with _scratch() as place:
        found = mapping.trace(trees.make(place / "tree"), place / "traces", arguments or ["-n", "auto"])
        shutil.copy2(place / "traces" / "pytest.log", KEPT / "map.log")
    MAP.write_text(json.dumps(found), encoding="utf-8")
    print(f"{len(found['tests'])} tests are in the map; left out, because they fail when a source gets a comment more:")
    print("\n".join(f"  {name}" for name in found["not passed"]) or "  none")
    return 0


def choose(given: argparse.Namespace) -> list[rules.Mutant]:
    """The mutants that the command line asks for."""
    sources: dict[str, str] = {}
    rooms: dict[str, list[rules.Mutant]] = defaultdict(list)
    for path in mapping.sources(trees.ROOT):
        name = path.relative_to(trees.ROOT).as_posix()
        sources[name] = path.read_text(encoding="utf-8")
        rooms[name.split("/")[1]] += rules.mutants(name, sources[name])
    drawn = (each for each in rules.draw(rooms, given.seed) if rules.compiles(each, sources[each.path]))
    if given.only and given.every:
        return [each for each in drawn if any(text in f"{each.key} {each}" for text in given.only)]
    chosen = list(islice(drawn, given.count))
    return [each for each in chosen if not given.only or any(text in f"{each.key} {each}" for text in given.only)]


def run(chosen: Sequence[rules.Mutant], workers: int, most: float, *, resume: bool, retry: bool = False) -> int:
    """Try each mutant, write a line about each as it is known, and sum up."""
    if not resume:
        RESULTS.unlink(missing_ok=True)
    lines = RESULTS.read_text(encoding="utf-8").splitlines() if RESULTS.exists() else []
    known = {result.key: result for result in (Result(**json.loads(line)) for line in lines)}
    if retry:
        known = {key: result for key, result in known.items() if result.status == "killed"}
    reasons = json.loads(EQUIVALENT.read_text(encoding="utf-8"))
    todo = [mutant for mutant in chosen if mutant.key not in known and mutant.key not in reasons]
    for result in _tried(todo, min(workers, len(todo)), most):
        known[result.key] = result
        with RESULTS.open("a", encoding="utf-8") as out:
            out.write(result.line() + "\n")
        print(f"{result.status:9} {result.mutant}" + (f"\n{'':9} by {result.by}" if result.by else ""), flush=True)
    results = [
        Result(each.key, str(each), each.path.split("/")[1], "equivalent", by=reasons[each.key]["why"])
        if each.key in reasons
        else known[each.key]
        for each in chosen
    ]
    return sum_up(results)


def sum_up(results: Sequence[Result]) -> int:
    """Print what was found; 0 if enough were killed. What no test covers counts as not killed."""
    for status in ("survived", "uncovered", "equivalent"):
        found = [result for result in results if result.status == status]
        if found:
            print(f"\n{status}:")
        for result in found:
            more = result.by or (f"{result.left} far tests were not run: --most" if result.left else "")
            print(f"  {result.key} {result.mutant}" + (f"\n    {more}" if more else ""))
    unsteady = sorted({test for result in results for test in result.unsteady})
    if unsteady:
        print("\nfailed with a mutant and without it, and so counted for nothing:", *unsteady, sep="\n  ")
    rooms = {room: Counter(each.status for each in results if each.room == room) for room in mapping.ROOMS}
    print(f"\n{'':10} {'killed':>9} {'survived':>9} {'uncovered':>9} {'equivalent':>10}")
    for room, said in rooms.items():
        print(f"{room:10} {said['killed']:9} {said['survived']:9} {said['uncovered']:9} {said['equivalent']:10}")
    counting = [result for result in results if result.status != "equivalent"]
    killed = sum(result.status == "killed" for result in counting)
    share = killed / len(counting) if counting else 1.0
    print(f"killed: {killed} of {len(counting)}, {share:.1%}; at least {ENOUGH:.0%} are wanted")
    return 0 if share >= ENOUGH else 1


def _tried(todo: Sequence[rules.Mutant], workers: int, most: float) -> Iterator[Result]:
    """The results as they come, from ``workers`` processes with a copy of the tree each."""
    if not todo:
        return
    with _scratch() as place, multiprocessing.get_context("spawn").Pool(workers) as pool:
        yield from pool.imap_unordered(partial(_judge, place, most), todo)


def _judge(place: Path, most: float, mutant: rules.Mutant) -> Result:
    return _tree(place, most).judge(mutant)


@cache
def _tree(place: Path, most: float) -> running.Tree:
    """This worker's copy. A worker that is ended ends the tests that it runs."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    running.adopt()
    return running.Tree(trees.make(place / f"tree-{os.getpid()}"), mapping.Map.read(MAP), most)


@contextmanager
def _scratch() -> Iterator[Path]:
    """A folder that is gone afterwards, whatever was made read-only in it or is still being written."""
    place = Path(tempfile.mkdtemp(prefix="mutants-"))
    try:
        yield place
    finally:
        for _ in range(3):
            shutil.rmtree(place, ignore_errors=True)
            if not place.exists():
                break
            time.sleep(0.5)
