"""The tables: from the measurements to RESULTS.md, with the aims and whether each is met."""

from __future__ import annotations

import operator
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.stages import STAGES
from benchmarks.stock import FORMS, Form, calls
from benchmarks.store import Store
from benchmarks.this_course import CATALOGUE, COURSE

Entry = Mapping[str, Any]

LATENCIES = {
    "check": "`autograder check NOTEBOOK`, everything right",
    "ci": "`autograder ci NOTEBOOK`, everything right",
    "check, first run": "`autograder check NOTEBOOK`, the first time: right answers are worked out and kept",
    "import torch": '`python -c "import torch"`',
}
MISSING = "not measured"
TIMES_STOCK = {"ps2": {"torch": 100, "numpy": 60}, "ps6": {"torch": 60}}
VERDICT_MS, COMPLETE_MS = 45, 80
COLD = {"ps2": 0.4, "ps6": 1.5}
"""How many times `import torch` one notebook may take in a new process."""
MIB_PER_GIB = 1024


@dataclass(frozen=True)
class Options:
    """What a run measures. ``gradings`` verdicts, ``turns`` at latency, ``profiled`` submissions by stage."""

    assignments: tuple[str, ...]
    sizes: tuple[int, ...] = (20, 200, 2000)
    stock_size: int = 20
    repeats: int = 3
    stock_repeats: int = 2
    gradings: int = 100
    turns: int = 5

    @property
    def profiled(self) -> int:
        """How many submissions the profile by stage takes: whole cycles of the class, as far as asked for."""
        return min(40, max(self.sizes))

    @property
    def compared(self) -> int:
        """The size at which ours is compared with stock nbgrader: 200, or what comes next to it."""
        return min(self.sizes, key=lambda size: abs(size - 200))


def form_name(assignment: str, form: Form) -> str:
    """What the hidden tests of one form are called."""
    if form == "torch":
        return "PyTorch as oracle"
    return "stored answers" if COURSE.needs_torch([assignment]) else "NumPy only"


@dataclass(frozen=True)
class Spread:
    """Repeats of one figure."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The figure that is compared."""
        return statistics.median(self.values)

    def text(self, digits: int = 1, scale: float = 1.0, unit: str = "") -> str:
        """The median, with the range behind it where there are repeats."""
        if not self.values:
            return MISSING
        shown = f"{self.median * scale:,.{digits}f}{unit}"
        if len(self.values) == 1:
            return shown
        return f"{shown} ({min(self.values) * scale:,.{digits}f} to {max(self.values) * scale:,.{digits}f})"


Figure = Callable[[Entry], float]


def spread(entries: Sequence[Entry], figure: Figure) -> Spread:
    """One figure of every repeat."""
    return Spread(tuple(map(figure, entries)))


def ours_each(word: str) -> Figure:
    """Seconds per submission of the command line."""
    return lambda entry: float(entry["cost"][word]) / float(entry["size"])


def stock_each(word: str) -> Figure:
    """Seconds per submission of autograde and generate_feedback together."""
    return lambda entry: float(sum(cost[word] for cost in entry["costs"].values())) / float(entry["size"])


def stock_more(word: str) -> Figure:
    """Seconds of one submission more, without what both commands need to start."""

    def figure(entry: Entry) -> float:
        both = zip(entry["costs"].values(), entry["alone"].values(), strict=True)
        more: float = sum(cost[word] - alone[word] for cost, alone in both)
        return more / max(1.0, float(entry["size"]) - 1.0)

    return figure


def one_more(entry: Entry) -> float:
    """CPU seconds of one verdict more."""
    more: float = entry["many"]["cpu"] - entry["few"]["cpu"]
    return more / float(entry["gradings"])


class Tables:
    """All tables of one run."""

    def __init__(self, store: Store, options: Options) -> None:
        """``store`` holds the measurements."""
        self._store = store
        self._options = options

    def ours(self, name: str, size: int, kind: str = "class") -> list[Entry]:
        """The repeats of one size."""
        return list(self._store.of("ours", name, kind, size))

    def stock(self, name: str, form: Form) -> list[Entry]:
        """The repeats of one form of hidden tests."""
        return list(self._store.of("stock", name, form, self._options.stock_size))

    def added(self, part: str, name: str) -> Spread:
        """CPU seconds of one more: "verdicts" or "floor"."""
        return spread(self._store.of(part, name, self._options.gradings), one_more)

    def ratio(self, name: str, form: Form, size: int, theirs: Callable[[str], Figure], word: str) -> float | None:
        """How many times less ours takes, median against median."""
        top, bottom = spread(self.stock(name, form), theirs(word)), spread(self.ours(name, size), ours_each(word))
        return top.median / bottom.median if top.values and bottom.values else None

    # the aims

    def aims(self) -> Iterator[str]:
        """A row for each aim, met or not."""
        yield "| aim | wanted | measured | met |"
        yield "|---|---:|---:|---|"
        for name in self._options.assignments:
            short, size = name.partition("-")[0], self._options.compared
            wanted = TIMES_STOCK.get(short, {})
            for form in FORMS:
                if form in wanted:
                    found = self.ratio(name, form, size, stock_each, "wall")
                    label = f"{short}: times stock nbgrader, {form_name(name, form)} ({size} submissions, wall clock)"
                    yield _aim(label, f"at least {wanted[form]}", found, partial(operator.le, wanted[form]), "{:.3g}")
            if short == "ps2":
                verdict, complete = self.added("verdicts", name), spread(self.ours(name, size), ours_each("cpu"))
                label = f"{short}: verdicts, all exercises right, CPU per submission"
                yield _aim(label, f"at most {VERDICT_MS} ms", _ms(verdict), lambda x: x <= VERDICT_MS, "{:.1f} ms")
                label = f"{short}: everything written, the class, {size} submissions, CPU per submission"
                yield _aim(label, f"at most {COMPLETE_MS} ms", _ms(complete), lambda x: x <= COMPLETE_MS, "{:.1f} ms")
            yield from self._growth(name, short)
            yield from self._cold(name, short)

    def why(self) -> Iterator[str]:
        """For each assignment, what the aim leaves for a submission and what the work alone takes on this machine."""
        for name in self._options.assignments:
            short, size = name.partition("-")[0], self._options.compared
            wanted = TIMES_STOCK.get(short, {}).get("torch")
            stock = spread(self.stock(name, "torch"), stock_each("wall"))
            ours, cpu = (spread(self.ours(name, size), ours_each(what)) for what in ("wall", "cpu"))
            verdict, floor = _ms(self.added("verdicts", name)), _ms(self.added("floor", name))
            stages = self._store.of("stages", name, self._options.profiled)
            if wanted is None or verdict is None or floor is None or not (stock.values and ours.values and stages):
                continue
            once = sum(wall for wall, _ in stages[-1]["once"].values()) / size
            yield (
                f"* {short}: {wanted} times stock leaves {1000 * stock.median / wanted:.0f} ms of wall clock for a "
                f"submission; ours takes {1000 * ours.median:.0f} ms, and {1000 * cpu.median:.0f} ms of CPU. Verdicts "
                f"alone, everything right, take {verdict:.0f} ms of CPU, a bare fork with the same cells and calls "
                f"{floor:.0f} ms. What is done once per run is at most {1000 * once:.0f} ms of each of {size} (the "
                f"command does some of it side by side). Seven in twenty of the class have mistakes, and each mistake "
                f"is run once more, alone."
            )
            if short == "ps2":
                yield from self._why_cpu(verdict, floor, 1000 * cpu.median, stages[-1])

    def _why_cpu(self, verdict: float, floor: float, complete: float, stages: Entry) -> Iterator[str]:
        """What the aims in CPU seconds are up against: only where this machine's floor is above them."""
        if floor <= VERDICT_MS:
            return
        count = stages["count"]
        own = sum(1000 * cpu / count for stage, cpu in stages["cpu"].items() if stage != "box")
        once = sum(1000 * cpu for _, cpu in stages["once"].values()) / self._options.compared
        yield (
            f"* ps2, CPU: the aims of {VERDICT_MS} and {COMPLETE_MS} ms are out of reach on this machine. The bare "
            f"fork, with no walls, no files and everything right, takes {floor:.0f} ms; our verdicts take "
            f"{verdict / floor:.2f} times that. Of the {complete:.0f} ms with everything written {own:.0f} ms are "
            f"intake, judge, pages, notebooks, files and gradebook, and at most {once:.0f} ms a share of what is done "
            f"once per run; the rest is boxes: one for each submission, and one more for each mistake."
        )

    def _growth(self, name: str, short: str) -> Iterator[str]:
        large, size = max(self._options.sizes), self._options.compared
        if large <= size:
            return
        few, many = (spread(self.ours(name, n), ours_each("cpu")) for n in (size, large))
        more = 100 * (many.median / few.median - 1) if few.values and many.values else None
        label = f"{short}: CPU per submission at {large:,} against {size:,}"
        yield _aim(label, "at most 10 % more", more, lambda x: x <= 10, "{:+.1f} %")
        peak = spread(self.ours(name, large), lambda entry: entry["cost"]["memory"])
        found = max(peak.values, default=None)
        label = f"{short}: peak memory of all processes, {large:,} submissions"
        yield _aim(label, "under 1 GiB", found, lambda x: x < MIB_PER_GIB, "{:.0f} MiB")

    # one assignment

    def assignment(self, name: str) -> Iterator[str]:
        """Throughput, verdicts and floor, stages, latency."""
        exercises = CATALOGUE[name]
        ours, theirs = sum(len(exercise.cases) for exercise in exercises), sum(map(calls, exercises))
        yield f"## {name}"
        yield ""
        yield f"{len(exercises)} exercises. Calls, everything right: {ours:,} in ours, {theirs:,} in the hidden tests."
        yield ""
        yield "Seconds and milliseconds are per submission, start-up included: median (range of the repeats)."
        yield ""
        yield from self._throughput(name)
        yield ""
        yield from self._verdicts(name)
        yield ""
        yield from self._stages(name)
        yield ""
        yield from self._latency(name)

    def _throughput(self, name: str) -> Iterator[str]:
        times = " | ".join(f"times stock, {form_name(name, form)}: wall, CPU" for form in FORMS)
        yield f"| | submissions | wall | CPU | {times} | memory of all processes | largest process |"
        yield "|---|---:|---:|---:|---:|---:|---:|---:|"
        for form in FORMS:
            entries = self.stock(name, form)
            for label, each in (("", stock_each), (", without start-up", stock_more)):
                wall, cpu = (spread(entries, each(word)).text(2, unit=" s") for word in ("wall", "cpu"))
                memory = _peaks(entries, "costs") if each is stock_each else " | "
                size = self._options.stock_size
                yield f"| nbgrader, {form_name(name, form)}{label} | {size} | {wall} | {cpu} | | | {memory} |"
        for kind, label in (("class", "ours, the class"), ("right", "ours, everything right")):
            for size in self._options.sizes:
                entries = self.ours(name, size, kind)
                if not entries:
                    continue
                wall, cpu = (spread(entries, ours_each(word)).text(1, 1000, " ms") for word in ("wall", "cpu"))
                ratios = [self._ratios(name, form, size) if kind == "class" else "" for form in FORMS]
                yield f"| {label} | {size:,} | {wall} | {cpu} | {' | '.join(ratios)} | {_peaks(entries, 'cost')} |"
        yield ""
        yield from self._remarks(name)

    def _ratios(self, name: str, form: Form, size: int) -> str:
        wall, cpu, more = (
            self.ratio(name, form, size, each, word)
            for each, word in ((stock_each, "wall"), (stock_each, "cpu"), (stock_more, "wall"))
        )
        if wall is None or cpu is None or more is None:
            return MISSING
        without = f" (wall against nbgrader without start-up: {more:.0f})" if more > 0 else ""
        return f"**{wall:.0f}**, {cpu:.0f}{without}"

    def _remarks(self, name: str) -> Iterator[str]:
        for form in FORMS:
            for entry in self.stock(name, form)[-1:]:
                caught, wrong = entry["caught"]
                yield f"* nbgrader, {form_name(name, form)}: {caught} of {wrong} wrong submissions lose points."
        compared = self.ours(name, self._options.compared)
        for entry in compared[-1:]:
            walls = entry["isolation"] or "unknown"
            yield f"* Ours: isolation {walls}. Everything right: {entry['right']} of {entry['size']} submissions."
        costs = [entry["cost"] for size in self._options.sizes for entry in self.ours(name, size)]
        seen = [cost["machine"] / cost["cpu"] for cost in costs if cost["machine"]]
        if seen:
            total = {word: sum(cost[word] for cost in costs) for word in ("cpu", "lost", "sampling", "wall")}
            yield (
                f"* The machine was busy {Spread(tuple(seen)).text(2)} times the CPU that was counted in these runs. "
                f"Of what was counted {100 * total['lost'] / total['cpu']:.0f} % was waited for by nobody and found by "
                f"looking at /proc, which took {100 * total['sampling'] / total['wall']:.1f} % of one core."
            )

    def _verdicts(self, name: str) -> Iterator[str]:
        verdict, floor = self.added("verdicts", name), self.added("floor", name)
        yield "| CPU per submission, everything right | ms | times the floor |"
        yield "|---|---:|---:|"
        for label, found in (("verdicts alone", verdict), ("the floor: a bare fork, the same cells and calls", floor)):
            times = f"{found.median / floor.median:.2f}" if found.values and floor.values else MISSING
            yield f"| {label} | {found.text(1, 1000)} | {times} |"

    def _stages(self, name: str) -> Iterator[str]:
        for entry in self._store.of("stages", name, self._options.profiled)[-1:]:
            count, total = entry["count"], sum(entry["wall"].values())
            yield f"Stages of one process, {count} submissions of the class; milliseconds are per submission."
            yield ""
            yield "| stage | wall, ms | share | own CPU, ms |"
            yield "|---|---:|---:|---:|"
            for stage in STAGES:
                wall, cpu = entry["wall"][stage], entry["cpu"][stage]
                yield f"| {stage} | {1000 * wall / count:.1f} | {100 * wall / total:.0f} % | {1000 * cpu / count:.1f} |"
            yield ""
            yield "The box's CPU is in processes of its own. Once per run:"
            yield ""
            yield "| once per run | wall, ms | CPU, ms |"
            yield "|---|---:|---:|"
            for what, (wall, cpu) in entry["once"].items():
                yield f"| {what} | {1000 * wall:.0f} | {1000 * cpu:.0f} |"

    def _latency(self, name: str) -> Iterator[str]:
        for entry in self._store.of("latency", name, self._options.turns)[-1:]:
            yield "| one cold process | wall, ms | CPU, ms | wall, times `import torch` |"
            yield "|---|---:|---:|---:|"
            for what, costs in entry["turns"].items():
                wall, cpu = (Spread(tuple(cost[word] for cost in costs)).text(0, 1000) for word in ("wall", "cpu"))
                yield f"| {LATENCIES[what]} | {wall} | {cpu} | {_times(entry, what):.2f} |"

    def _cold(self, name: str, short: str) -> Iterator[str]:
        if short not in COLD:
            return
        entries = self._store.of("latency", name, self._options.turns)[-1:]
        for what in ("check", "ci"):
            found = _times(entries[0], what) if entries and what in entries[0]["turns"] else None
            most = COLD[short]
            label = f"{short}: `autograder {what} NOTEBOOK` in a new process, times `import torch`"
            yield _aim(label, f"at most {most}", found, lambda x, most=most: x <= most, "{:.2f}")

    def engine(self) -> Iterator[str]:
        """The engine's own table."""
        for entry in self._store.of("engine", "all")[-1:]:
            yield entry["table"].strip()


def _aim(label: str, wanted: str, found: float | None, met: Callable[[float], bool], form: str) -> str:
    if found is None:
        return f"| {label} | {wanted} | {MISSING} | |"
    return f"| {label} | {wanted} | {form.format(found)} | {'yes' if met(found) else '**no**'} |"


def _times(entry: Entry, what: str) -> float:
    """How many times the wall clock of `import torch` a command took, median against median."""
    walls = {word: Spread(tuple(cost["wall"] for cost in entry["turns"][word])) for word in (what, "import torch")}
    return walls[what].median / walls["import torch"].median


def _ms(found: Spread) -> float | None:
    return 1000 * found.median if found.values else None


def _peaks(entries: Sequence[Entry], word: str) -> str:
    if not entries:
        return f"{MISSING} | {MISSING}"
    costs = [cost for entry in entries for cost in (entry[word].values() if word == "costs" else [entry[word]])]
    return f"{max(cost['memory'] for cost in costs):.0f} MiB | {max(cost['largest'] for cost in costs):.0f} MiB"


METHOD = """\
## How it was measured

`make bench`, which is `python -m benchmarks.throughput`. Everything is in one run on the same machine, and what is
compared takes turns. Courses, notebooks and the secret that hidden inputs are drawn from are generated, the same each
time, in a temporary folder. Every result is checked: a run in which a right submission does not have full marks (with
nbgrader too), or a wrong one has (in ours), counts as failed and is not in the tables.

* **The class**: of twenty students twelve have everything right (some answers written in another way), six have one to
  three mistakes of the bank of known mistakes, two have left the second half blank, one of these with a mistake before.
* **nbgrader**: `nbgrader autograde` and `nbgrader generate_feedback`, default configuration, on a course of its own
  with the same student cells. "PyTorch as oracle": the hidden test of a backward rule runs the operation in PyTorch
  and compares with autograd through `torch.testing.assert_close`. "NumPy only": it compares with the instructor's own
  rule. Functions are compared with the instructor's solution in both; PyTorch programs (ps6) with the solution run
  beside them or, in the second form, with answers that are written down. Each hidden case of ours is one call here,
  with inputs from the same recipe (ours calls an answer that is wrong once more, with other inputs, to explain it); the
  few cases that would fill pages with literals are left out. Demonstration cells are not run, and the helper library
  is installed once: both favour nbgrader. "Without start-up" is the difference to the
  same commands on one submission, divided by the number of the others.
* **Ours, complete**: `python -I -m autograder grade --assignment NAME --force` on a course that was never graded:
  verdicts, gradebook, autograded notebooks, feedback pages, records, class page; one worker per core.
* **Wall and CPU**: around the command, from start to exit. CPU is user and system time of the command and all of its
  descendants: `wait4`, with orphans waited for by the measuring process, plus what /proc showed of processes that
  nobody waited for. The busy time of the whole machine stands beside it as a check.
* **Memory**: proportional set sizes of all processes added up, once a second, the highest sum; the largest
  process is the kernel's own figure (`ru_maxrss`).
* **Verdicts alone** and **the floor**: CPU of a process that grades one right submission once, against one that grades
  it many times more; the difference divided. The floor is a bare `fork` per submission with all imports done before:
  cells run, calls made, answers written to a pipe as raw bytes, read and compared. It has no walls, limits or files.
  The verdicts can cost less than it: large answers are copied and compared in fewer steps.
* **Stages**: the real pipeline in one process, with a stopwatch around the functions that its stages are.
* **Latency**: new processes, in turns with `import torch`.
* **What earns its place** (measured once, 2026-12-01, in turns, on a machine with other work; CPU): the memory of known
  replies saves 7.0 ms of the grader's own 19.6 per submission of the class in ps2. Memory in huge pages saves 14 to 24
  ms of an empty box in ps6 (17 against 31 and 41); of a full one it is not clear (119 and 127 against 142 and 119), and
  in ps2 nothing that can be told from noise. The kept statements of a gradebook save 5.4 s of a first run.
"""


def markdown(store: Store, options: Options, machine: Mapping[str, str]) -> str:
    """RESULTS.md."""
    tables = Tables(store, options)
    times = sorted(entry["at"] for entry in store.entries.values())
    when = f"{times[0]} to {times[-1]}".replace("+00:00", " UTC") if times else MISSING
    lines = [
        "# Benchmark results",
        "",
        "Generated by `make bench` (benchmarks/throughput.py). Not edited by hand.",
        "",
        "| | |",
        "|---|---|",
        *(f"| {label} | {value} |" for label, value in {"date": when, **machine}.items()),
        f"| sittings | {store.sittings} |",
        f"| state of the sources | {store.digest} |",
        "",
        "## Aims",
        "",
        *tables.aims(),
        "",
        *tables.why(),
        "",
    ]
    if store.failures():
        lines += ["Failed, and not in the tables:", ""]
        lines += [f"* {key}: {reason}" for key, reason in store.failures().items()] + [""]
    for name in options.assignments:
        lines += [*tables.assignment(name), ""]
    lines += ["## Engine", "", *tables.engine(), "", METHOD]
    return "\n".join(lines)
