"""Ways in which an honest notebook differs from the solved one and is as green in Jupyter: one function each.

A bend changes a `Solved` in place, and says nothing of which assignment it is; `None` for "cannot be done here" is its
return value `False`. A new way is one more function, or one line for `code_at_the_end` and its like.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from autograder.kit.declare import Predict
from tests.cohort.make import material
from tests.this_course import CATALOGUE

Cell = dict[str, Any]
DEMO_FUNCTION = {
    "ps1": "root_of_one_plus_square",
    "ps2": "outer_backward",
    "ps3": "softsign",
    "ps4": "center",
    "ps5": "scale_backward",
    "ps6": "broken_backward_from_loss",
}
"""A function that a demonstration defines, above the last exercise."""

PLOTTING = {"ps1": "pyplot", "ps2": "plt", "ps3": "plt", "ps5": "plt"}
"""What demonstrations call Matplotlib's pyplot, where one imports it above the last exercise."""


def code(source: str, name: str = "mine") -> Cell:
    return {"cell_type": "code", "id": name, "metadata": {}, "execution_count": None, "outputs": [], "source": source}


class Solved:
    """A released notebook with every answer right, to be bent."""

    def __init__(self, assignment: str) -> None:
        given = material(assignment)
        self.assignment, self.short = assignment, assignment.partition("-")[0]
        self.json = given.notebook(given.answers)
        for cell in self.cells:
            cell["source"] = "".join(cell["source"])
        self.released = {cell["id"]: "".join(cell["source"]) for cell in given.released["cells"]}
        self.exercises = [one.name for one in CATALOGUE[assignment]]
        self.predictions = {one.name: one.public for one in CATALOGUE[assignment] if isinstance(one.public, Predict)}
        self.functions = [name for name in self.exercises if self.text(name).lstrip().startswith(f"def {name}(")]
        self.first, self.last = self.functions[0], self.functions[-1]
        self._own = 0

    @property
    def leaf(self) -> str | None:
        """An exercise that nothing else in the notebook uses."""
        text = {
            name: "\n".join(
                c["source"] for c in self.cells if c["id"].removesuffix("-check") != name and c["cell_type"] == "code"
            )
            for name in self.functions
        }
        return next((name for name in self.functions if not re.search(rf"\b{name}\b", text[name])), None)

    @property
    def cells(self) -> list[Cell]:
        return self.json["cells"]  # type: ignore[no-any-return]

    @property
    def demo(self) -> str:
        """The name of a demonstration's function."""
        return DEMO_FUNCTION[self.short]

    def cell(self, name: str) -> Cell:
        return next(cell for cell in self.cells if cell.get("id") == name)

    def text(self, name: str) -> str:
        return str(self.cell(name)["source"])

    def place(self, name: str) -> int:
        return self.cells.index(self.cell(name))

    def above(self, name: str, source: str) -> None:
        """Put a line or more on top of a cell."""
        self.cell(name)["source"] = f"{source}\n\n\n{self.text(name)}"

    def below(self, name: str, source: str) -> None:
        """Put a line or more at the end of a cell."""
        self.cell(name)["source"] = f"{self.text(name)}\n\n\n{source}"

    def wrap(self, name: str, line: str) -> None:
        """Have an answer run a line first; a name that is not there fails it."""
        body = f"def {name}(*args, **kwargs):\n    {line}\n    return right_{name}(*args, **kwargs)"
        self.below(name, f"right_{name} = {name}\n\n\n{body}")

    def insert(self, before: str, source: str, **more: Any) -> None:
        self._own += 1
        self.cells.insert(self.place(before), {**code(source, f"mine-{self._own}"), **more})

    def append(self, source: str) -> None:
        self._own += 1
        self.cells.append(code(source, f"mine-{self._own}"))

    def remove(self, name: str) -> None:
        self.cells.remove(self.cell(name))


Bend = Callable[[Solved], "bool | None"]
BENDS: dict[str, Bend] = {}
REUSED: set[str] = set()
"""Bends in which a name is used again below the check that it was right for."""


def bend(function: Bend) -> Bend:
    BENDS[function.__name__.replace("_", " ")] = function
    return function


def on_top_of_the_last_answer(name: str, source: str) -> None:
    BENDS[name] = lambda nb: nb.above(nb.last, source.format(demo=nb.demo, answer=nb.last))


def at_the_end(name: str, source: str) -> None:
    """Something that uses a name again when all checks are green."""
    REUSED.add(name)
    BENDS[name] = lambda nb: nb.append(source.format(answer=nb.first))


# Names of demonstrations

on_top_of_the_last_answer("a demonstration's function is read", "kept = {demo}")
on_top_of_the_last_answer("it is a default", "def helper(x, f={demo}):\n    return f")
on_top_of_the_last_answer("it is read in a class", "class Helper:\n    f = staticmethod({demo})")
on_top_of_the_last_answer("it is read under a magic", "%time kept = {demo}")
on_top_of_the_last_answer("PyTorch in an annotation", "def shown(t: torch.Tensor) -> 'str':\n    return str(t)")
on_top_of_the_last_answer("PyTorch as a base class", "class Mine(torch.nn.Module):\n    pass")
on_top_of_the_last_answer("PyTorch as a default", "def cast(x, kind=torch.float64):\n    return x")
on_top_of_the_last_answer("nothing of PyTorch's is recorded", "with torch.no_grad():\n    one = 1.0\nkept = one")
on_top_of_the_last_answer("PyTorch as a decorator", "@torch.no_grad()\ndef helper():\n    return 0\n\nkept = helper()")
on_top_of_the_last_answer("PyTorch is seeded", "for seed in [torch.manual_seed(0)]:\n    one = 1.0\nkept = one")
on_top_of_the_last_answer("PyTorch is asked", "on = 'cuda' if torch.cuda.is_available() else 'cpu'")


@bend
def plots_with_what_a_demonstration_imported(nb: Solved) -> bool | None:
    plot = PLOTTING.get(nb.short)
    if plot is None:
        return False
    nb.above(nb.last, f"{plot}.figure()\n{plot}.plot([1, 2])\n{plot}.close()")
    return None


@bend
def an_answer_calls_what_a_demonstration_defines(nb: Solved) -> None:
    nb.wrap(nb.last, nb.demo)


@bend
def an_answer_has_a_branch_for_pytorch(nb: Solved) -> None:
    nb.wrap(nb.last, "if any(isinstance(a, torch.Size) for a in args):\n        return torch.zeros(3)")


@bend
def a_demonstration_was_changed_and_is_used(nb: Solved) -> None:
    cell = next(cell for cell in nb.cells if f"def {nb.demo}(" in cell["source"])
    cell["source"] += "\nprint('mine')"
    nb.above(nb.last, f"kept = {nb.demo}")


@bend
def a_demonstration_was_split_and_is_used(nb: Solved) -> bool | None:
    cell = next(cell for cell in nb.cells if f"def {nb.demo}(" in cell["source"])
    head, gap, tail = cell["source"].rpartition("\n\n\n")
    if not gap:
        return False
    cell["source"] = head
    nb.cells.insert(nb.cells.index(cell) + 1, code(tail, "second-half"))
    nb.above(nb.last, f"kept = {nb.demo}")
    return None


@bend
def a_helper_above_the_demonstration_calls_it(nb: Solved) -> None:
    nb.insert(nb.exercises[0], f"def later():\n    return {nb.demo}")
    nb.above(nb.last, "kept = later()")


@bend
def imports_pytorch_and_never_uses_it(nb: Solved) -> None:
    nb.above(nb.last, "import torch\nfrom torch import nn")


@bend
def reads_a_file_that_lies_at_home_only(nb: Solved) -> None:
    nb.insert(nb.exercises[0], "from pathlib import Path\n\nstyle = Path('kit/__init__.py').read_text()\nshift = 0.0")
    nb.above(nb.last, "start = shift")


# Names used again

at_the_end("the answer's name is a number at the end", "{answer} = 1.0")
at_the_end("NumPy's name is an array at the end", "np = np.array([1.0])")
at_the_end("built-in functions are shadowed at the end", "sum = 0\nmax = 1\nlen = 2\nzip = range = abs = 3")
at_the_end("everything is deleted at the end", "del {answer}, np, math")
at_the_end("a loop goes over the answer's name", "for {answer} in range(3):\n    pass")
at_the_end("an import takes the answer's name", "import math as {answer}")


@bend
def a_helper_is_defined_anew_below(nb: Solved) -> None:
    nb.above(nb.first, "def helper():\n    return 0")
    nb.wrap(nb.first, "helper()")
    nb.append("def helper(x, y):\n    return x + y")


REUSED.add("a helper is defined anew below")


@bend
def an_answer_variable_is_used_again(nb: Solved) -> bool | None:
    if not nb.predictions:
        return False
    for public in nb.predictions.values():
        nb.append("\n".join(f"{name} = None" for name in public.answers))
    return None


REUSED.add("an answer variable is used again")


@bend
def the_answers_name_is_reused_below_its_check_in_the_check_cell(nb: Solved) -> bool | None:
    if nb.leaf is None:
        return False
    nb.below(f"{nb.leaf}-check", f"{nb.leaf} = None")
    return None


@bend
def an_answer_in_its_check_is_deleted_below_it(nb: Solved) -> bool | None:
    name = nb.leaf
    if name is None:
        return False
    nb.above(f"{name}-check", nb.text(name))
    nb.below(f"{name}-check", f"del {name}")
    nb.cell(name)["source"] = nb.released[name]
    return None


@bend
def a_helper_made_and_deleted_in_the_check_cell(nb: Solved) -> bool | None:
    name = nb.leaf
    if name is None:
        return False
    nb.wrap(name, "helper()")
    nb.above(f"{name}-check", "def helper():\n    return 0")
    nb.below(f"{name}-check", "del helper")
    return None


@bend
def everything_in_one_cell_that_uses_the_name_again(nb: Solved) -> bool | None:
    name = nb.leaf
    if name is None:
        return False
    nb.below(name, f"{nb.text(f'{name}-check')}\n{name} = None")
    nb.remove(f"{name}-check")
    return None


@bend
def a_timed_check_cell_uses_the_name_again(nb: Solved) -> bool | None:
    name = nb.leaf
    if name is None:
        return False
    nb.cell(f"{name}-check")["source"] = f"%%time\ncheck({name}); {name} = None"
    return None


@bend
def answer_variables_are_reused_in_their_check_cells(nb: Solved) -> bool | None:
    if not nb.predictions:
        return False
    for name, public in nb.predictions.items():
        nb.below(f"{name}-check", "\n".join(f"{one} = None" for one in public.answers))
    return None


REUSED.update({
    "the answers name is reused below its check in the check cell", "an answer in its check is deleted below it",
    "a helper made and deleted in the check cell", "everything in one cell that uses the name again",
    "a timed check cell uses the name again", "answer variables are reused in their check cells",
})  # fmt: skip


# Cells split, merged, moved, retyped


@bend
def an_answer_merged_into_its_check(nb: Solved) -> None:
    check = f"{nb.last}-check"
    nb.above(check, nb.text(nb.last))
    nb.remove(nb.last)


@bend
def all_answers_merged_into_their_checks(nb: Solved) -> None:
    for name in nb.exercises:
        nb.above(f"{name}-check", nb.text(name))
        nb.remove(name)


@bend
def an_answer_in_its_check_below_the_untouched_stub(nb: Solved) -> None:
    nb.above(f"{nb.first}-check", nb.text(nb.first))
    nb.cell(nb.first)["source"] = nb.released[nb.first]


@bend
def predictions_made_in_the_check(nb: Solved) -> bool | None:
    if not nb.predictions:
        return False
    for name in nb.predictions:
        nb.above(f"{name}-check", nb.text(name))
        nb.remove(name)
    return None


@bend
def two_answers_in_one_cell(nb: Solved) -> None:
    nb.below(nb.functions[0], nb.text(nb.functions[1]))
    nb.remove(nb.functions[1])


@bend
def an_answer_in_a_cell_of_ones_own(nb: Solved) -> None:
    nb.insert(f"{nb.first}-check", nb.text(nb.first))
    nb.remove(nb.first)


@bend
def an_answer_in_a_copy_of_its_cell(nb: Solved) -> None:
    twin = copy.deepcopy(nb.cell(nb.first))
    nb.cell(nb.first)["source"] = nb.released[nb.first]
    nb.cells.insert(nb.place(nb.first) + 1, twin)


@bend
def an_answer_split_in_two_cells(nb: Solved) -> None:
    nb.insert(nb.first, "def helper():\n    return 0")
    nb.below(nb.first, f"right = {nb.first}")
    nb.insert(f"{nb.first}-check", f"def {nb.first}(*args, **kwargs):\n    helper()\n    return right(*args, **kwargs)")


@bend
def an_answer_moved_to_the_top(nb: Solved) -> None:
    cell = nb.cell(nb.first)
    nb.cells.remove(cell)
    nb.cells.insert(nb.place("given-imports") + 1, cell)


@bend
def all_checks_moved_to_the_end(nb: Solved) -> None:
    checks = [nb.cell(f"{name}-check") for name in nb.exercises]
    nb.json["cells"] = [cell for cell in nb.cells if cell not in checks] + checks


@bend
def all_ids_and_metadata_lost(nb: Solved) -> None:
    for number, cell in enumerate(nb.cells):
        cell["id"], cell["metadata"] = f"{number:08x}", {}


@bend
def text_turned_into_code(nb: Solved) -> None:
    texts = [cell for cell in nb.cells if cell["cell_type"] == "markdown" and "nbgrader" not in cell["metadata"]]
    turned = "# " + texts[0]["source"].replace("\n", "\n# ")
    texts[0].update(cell_type="code", outputs=[], execution_count=None, source=turned)


@bend
def texts_were_deleted(nb: Solved) -> None:
    nb.json["cells"] = [c for c in nb.cells if c["cell_type"] == "code" or "nbgrader" in c["metadata"]]


# Edited where locked


@bend
def a_helper_in_the_given_cell(nb: Solved) -> None:
    nb.below("given-imports", "def helper():\n    return 0")
    nb.wrap(nb.first, "helper()")


@bend
def an_import_in_the_given_cell(nb: Solved) -> None:
    nb.above("given-imports", "import functools")
    nb.below(nb.first, f"{nb.first} = functools.wraps({nb.first})({nb.first})")


@bend
def a_helper_in_another_check(nb: Solved) -> None:
    nb.below(f"{nb.functions[0]}-check", "def helper():\n    return 0")
    nb.above(nb.functions[1], "helper()")


@bend
def more_checks_of_ones_own_in_a_check(nb: Solved) -> None:
    nb.below(f"{nb.first}-check", f"assert callable({nb.first})\nprint('green')")


# Ways of writing


@bend
def an_answer_under_another_name(nb: Solved) -> None:
    renamed = re.sub(rf"\bdef {nb.first}\(", "def solved(", nb.text(nb.first))
    if re.search(rf"\b{nb.first}\b", renamed.partition('"""')[2].rpartition('"""')[2]):
        renamed = nb.text(nb.first) + f"\n\n\nsolved = {nb.first}"
    nb.cell(nb.first)["source"] = f"{renamed}\n\n\n{nb.first} = solved"


on_top_of_the_last_answer("annotations of the future", "from __future__ import annotations")


@bend
def a_timed_answer(nb: Solved) -> None:
    nb.cell(nb.last)["source"] = f"%%time\n{nb.text(nb.last)}"


@bend
def plots_of_ones_own(nb: Solved) -> None:
    nb.insert(nb.last, "%matplotlib inline\nimport matplotlib.pyplot as pictures\n\npictures.plot([1, 2])")


def bent(assignment: str, name: str) -> Mapping[str, Any] | None:
    """The solved notebook of ``assignment`` with one bend; None where it cannot be made there."""
    made = Solved(assignment)
    if BENDS[name](made) is False:
        return None
    return json.loads(json.dumps(made.json))  # type: ignore[no-any-return]
