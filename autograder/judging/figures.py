"""The self-test's figures: what its trials add up to, as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from autograder.judging.selftest import BANK, UNKNOWN, Measured, Trial


@dataclass(frozen=True)
class Figures:
    """Counts of trials. ``caught``: less than full marks. ``itself``: a known mistake that earned its own hint.

    ``by_bank`` and ``by_structure``: which layer the hint comes from. ``ambiguous``: several known mistakes fit. Of
    ``without_bank`` trials (predictions have no structure) ``structural`` are explained with the bank switched off,
    ``located`` are not, but it is said where they differ; ``false``: a hint that does not describe the answer.
    """

    trials: int
    caught: int
    itself: int
    by_bank: int
    by_structure: int
    ambiguous: int
    without_bank: int
    structural: int
    located: int
    false: int

    @property
    def silent(self) -> int:
        """Of those without the bank, of which nothing is said but that they are wrong."""
        return self.without_bank - self.structural - self.located


def figures(trials: Iterable[Trial]) -> Figures:
    """Trials, counted."""
    all_of = list(trials)
    arrays = [trial for trial in all_of if trial.arrays]
    return Figures(
        trials=len(all_of),
        caught=sum(trial.caught for trial in all_of),
        itself=sum(trial.named for trial in all_of),
        by_bank=sum(trial.source == "bank" for trial in all_of),
        by_structure=sum(trial.source == "structure" for trial in all_of),
        ambiguous=sum(trial.ambiguous for trial in all_of),
        without_bank=len(arrays),
        structural=sum(bool(trial.structural) for trial in arrays),
        located=sum(bool(trial.where) for trial in arrays),
        false=sum(trial.false for trial in all_of),
    )


def of_family(measured: Iterable[Measured], *families: str) -> list[Trial]:
    """The trials of one or more families."""
    return [trial for one in measured for trial in one.trials if trial.family in families]


def families(measured: Iterable[Measured]) -> list[str]:
    """The kinds of mutation that were tried, in order of first appearance."""
    found = dict.fromkeys(trial.family for one in measured for trial in one.trials)
    return [family for family in found if family not in (BANK, UNKNOWN)]


def record(measured: Mapping[str, Sequence[Measured]], seed: int) -> dict[str, Any]:
    """Everything as JSON can hold it: figures, and each trial that an author should read by name."""
    everything = [one for several in measured.values() for one in several]
    trials = [trial for one in everything for trial in one.trials]
    right = [form for one in everything for form in one.right]
    return {
        "seed": seed,
        "assignments": {name: asdict(figures(of_family(several, BANK))) for name, several in measured.items()},
        "bank": asdict(figures(of_family(everything, BANK))),
        "mutants": {name: asdict(figures(of_family(everything, name))) for name in families(everything)},
        "mutants_together": asdict(figures(of_family(everything, *families(everything)))),
        "equivalent_mutants": sum(one.equivalent for one in everything),
        "in_no_bank": asdict(figures(of_family(everything, UNKNOWN))),
        "right_answers": {"tried": len(right), "false": sum(not form.passed or bool(form.said) for form in right)},
        "ambiguous": [{**named(trial), "fits": list(trial.fits)} for trial in trials if trial.ambiguous],
        "not_caught": [named(trial) for trial in trials if not trial.caught],
        "not_as_itself": [named(trial) for trial in trials if trial.family == BANK and not trial.named],
        "false": [{**named(trial), "hint": trial.hint or trial.structural} for trial in trials if trial.false]
        + [
            {"exercise": form.exercise, "name": form.form, "family": "right", "hint": form.said}
            for form in right
            if form.said or not form.passed
        ],
        "in_other_words": [{**named(trial), "said": trial.structural} for trial in trials if trial.otherwise],
    }


def named(trial: Trial) -> dict[str, str]:
    """Which trial it is."""
    return {"exercise": trial.exercise, "name": trial.name, "family": trial.family}
