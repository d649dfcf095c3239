"""A student's folder: `pytest <notebook>.ipynb` with the released conftest.py, and no plugin at all."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile

import pytest

from tests.bridges.pytest_plugin.reading import cases
from tests.cohort.answers import TYPICAL
from tests.cohort.make import as_file, material
from tests.handed_out import handed_out

RULES, GRAPHS = "ps3-activations-and-losses", "ps1-chain-rule"

OWN = """\
%matplotlib inline
import warnings
warnings.warn("costs nothing")
scale = 1.0
undefined_name + 1
"""
ANSWERS = {
    "relu_backward": TYPICAL[RULES]["relu_backward"],
    "leaky_relu_backward": "%time\n"
    + material(RULES).answers["leaky_relu_backward"].replace("return ", "return scale * "),
    "sigmoid": "def sigmoid(x):\n    return np.log(undefined_name)\n",
    "tanh_backward": "def tanh_backwards(grad_output, output, x):\n    return grad_output\n",
    "mse_backward": "raise ValueError('no idea')\n",
    "predict": "sigmoid_steepest_at = 'zero'\nten_sigmoids_bound = 0.5\n",
    "demo-relu": "demonstration_was_changed = 1 / 0\n",
}


def pytest_in(folder, *words):
    """Run pytest as a student without any plugin would, from any Python environment."""
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment.pop("PYTEST_ADDOPTS", None)
    line = [sys.executable, "-m", "pytest", "--junitxml=out.xml", *words]
    return subprocess.run(line, cwd=folder, env=environment, capture_output=True, text=True)


def ended(found, exercise):
    return {name.partition("::")[2]: case.ended for name, case in found.items() if name.startswith(f"{exercise}::")}


@pytest.fixture(scope="module")
def half_done(tmp_path_factory):
    """One run on a notebook with all sorts of answers: its items, and what was printed."""
    folder = handed_out(tmp_path_factory.mktemp("student"), RULES)
    given = material(RULES)
    (folder / given.name).write_bytes(as_file(given.notebook(ANSWERS, own=OWN)))

    done = pytest_in(folder, given.name, "-rs")

    return cases(folder / "out.xml"), done.stdout, done.returncode


def test_there_is_an_item_for_each_exercise_and_check_of_the_kit(half_done):
    found, _, code = half_done

    assert list(ended(found, "relu_backward")) == ["values", "edges", "inputs unchanged"]
    assert list(ended(found, "softmax")) == ["values", "properties", "inputs unchanged"]
    assert list(ended(found, "predict")) == ["form"]
    assert code == pytest.ExitCode.TESTS_FAILED


def test_a_wrong_answer_fails_the_checks_that_see_it_and_prints_what_check_prints(half_done):
    found, printed, _ = half_done

    assert ended(found, "relu_backward") == {"values": "passed", "edges": "failed", "inputs unchanged": "passed"}
    text = found["relu_backward::edges"].text
    assert "smallest failing case" in text
    assert "Hint:" in text
    assert "Traceback" not in printed
    assert "conftest.py" not in text


def test_a_right_answer_passes_also_with_magics_and_helpers_of_ones_own(half_done):
    found, _, _ = half_done

    assert set(ended(found, "leaky_relu_backward").values()) == {"passed"}


def test_what_was_not_attempted_is_skipped(half_done):
    found, printed, _ = half_done

    assert set(ended(found, "softmax_backward").values()) == {"skipped"}
    assert "not attempted yet" in printed


def test_an_answer_that_raises_says_where(half_done):
    found, _, _ = half_done

    assert "NameError" in found["sigmoid::values"].text
    assert "line 2: return np.log(undefined_name)" in found["sigmoid::values"].text


def test_a_cell_that_raises_is_named_once_for_all_and_by_the_exercise_that_it_should_have_answered(half_done):
    found, _, _ = half_done

    cells = found["cells"].text
    assert "the cell my-own-cell raised NameError: name 'undefined_name' is not defined (line 5" in cells
    assert "the cell mse_backward raised ValueError: no idea" in cells
    assert "the cell demo-relu raised ZeroDivisionError" in cells
    assert "not attempted" not in cells
    assert "raised ValueError: no idea" in found["mse_backward::values"].text


def test_an_answer_under_another_name_is_missed(half_done):
    found, _, _ = half_done

    assert "tanh_backward is not defined" in found["tanh_backward::values"].text


def test_of_a_prediction_only_the_form_is_looked_at(half_done):
    found, _, _ = half_done

    assert "sigmoid_steepest_at" in found["predict::form"].text
    assert "whether an answer is right is judged when it is graded" in found["predict::form"].text


def test_each_of_several_assignments_has_its_own_kit_and_untouched_notebooks_fail_nothing(tmp_path):
    handed_out(tmp_path, GRAPHS)
    handed_out(tmp_path, RULES)

    done = pytest_in(tmp_path, "-k", "topological_order or sigmoid or cells", "-q")

    found = cases(tmp_path / "out.xml")
    assert done.returncode == pytest.ExitCode.OK, done.stdout
    assert {name: case.ended for name, case in found.items() if name == "cells"} == {"cells": "passed"}
    assert ended(found, "topological_order")
    assert set(ended(found, "sigmoid").values()) == {"skipped"}


def test_a_file_that_is_no_notebook_fails_once_and_says_so(tmp_path):
    folder = handed_out(tmp_path, GRAPHS)
    (folder / material(GRAPHS).name).write_text('{"cells": [')

    done = pytest_in(folder, material(GRAPHS).name, "-q")

    found = cases(folder / "out.xml")
    assert [name for name, case in found.items() if case.ended == "failed"] == ["cells"]
    assert "can't be read as a notebook" in done.stdout


def test_the_folder_kit_of_an_earlier_term_serves_as_well_as_the_archive(tmp_path):
    folder = handed_out(tmp_path, RULES)
    with zipfile.ZipFile(folder / "kit.zip") as archive:
        archive.extractall(folder)
    (folder / "kit.zip").unlink()

    done = pytest_in(folder, material(RULES).name, "-q", "-k", "cells or relu")

    assert done.returncode == pytest.ExitCode.OK, done.stdout
    assert cases(folder / "out.xml")["cells"].ended == "passed"
