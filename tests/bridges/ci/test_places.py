"""Cells as lines of the notebook's file."""

from __future__ import annotations

import json

import pytest

from autograder.bridges.ci.places import cell_lines
from tests.cohort import make

PS3 = "ps3-activations-and-losses"


def test_each_code_cell_of_a_saved_notebook_is_found_at_its_first_line():
    data = make.emil(make.material(PS3))
    lines = data.decode().split("\n")

    places = cell_lines(data)

    for cell in json.loads(data)["cells"]:
        if cell["cell_type"] == "code" and cell["source"]:
            first, count = places[cell["id"]]
            assert json.loads(lines[first - 1].strip().rstrip(",")) == cell["source"][0]
            assert count == len(cell["source"])


def test_a_cell_without_an_id_is_found_by_its_name_for_nbgrader():
    cell = {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": "relu_backward"}}, "source": ["a\n", "b"]}

    places = cell_lines(json.dumps({"cells": [cell]}, indent=1, sort_keys=True).encode())

    assert places == {"relu_backward": (11, 2)}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe\x00",
        json.dumps({"cells": [{"cell_type": "code", "id": "a", "source": ["x"]}]}).encode(),
        b'"cell_type": "code"\n"source": [\n"x"\n]\n"id": "a"\n"cell_type": "code"\n"source": [\n',
    ],
    ids=["nothing", "no text", "one line", "source before the name"],
)
def test_what_is_written_otherwise_has_no_places(data):
    assert cell_lines(data) == {}


def test_a_source_on_one_line_is_that_line():
    assert cell_lines(b'"cell_type": "code",\n"id": "a",\n"source": "x"\n') == {"a": (3, 1)}
