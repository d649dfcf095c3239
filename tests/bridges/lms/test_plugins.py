"""`nbgrader export` with our exporters writes the same bytes as `autograder export`."""

from __future__ import annotations

import pytest
from nbgrader.apps import ExportApp

from tests.bridges.lms.test_canvas import ROSTER, template
from tests.bridges.lms.test_moodle import ROSTER as MOODLE_ROSTER
from tests.bridges.small_course import ASSIGNMENT

HERE = "autograder.bridges.lms.plugins"


@pytest.fixture
def nbgrader(graded, tmp_path, monkeypatch):
    """`nbgrader export --exporter=...` in the course's folder; the file's bytes."""
    monkeypatch.chdir(graded.root)
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))

    def export(exporter, *args):
        out = tmp_path / "from_nbgrader.csv"
        app = ExportApp()
        app.initialize([f"--exporter={HERE}.{exporter}", f"--to={out}", *args])
        app.start()
        return out.read_bytes()

    return export


@pytest.mark.parametrize(
    "exporter, to, options",
    [
        ("CanvasExporter", "canvas", {"roster": ROSTER, "template": template()}),
        ("MoodleExporter", "moodle", {"roster": MOODLE_ROSTER, "identify_by": "username"}),
        ("CsvExporter", "csv", {"only_graded": True}),
    ],
)
def test_both_ways_write_the_same_bytes(wrote, nbgrader, tmp_path, exporter, to, options):
    expected = wrote(to, **options).data
    given = {name: tmp_path / f"{name}.csv" if name in ("roster", "template") else options[name] for name in options}

    data = nbgrader(exporter, *(f"--{exporter}.{name}={value}" for name, value in given.items()))

    assert data == expected


def test_assignments_students_and_ids_are_chosen_on_nbgraders_command_line(wrote, nbgrader, tmp_path):
    expected = wrote("canvas", roster=ROSTER, ids={ASSIGNMENT: "777"}, students=["ada"]).data

    data = nbgrader(
        "CanvasExporter",
        f"--CanvasExporter.roster={tmp_path / 'roster.csv'}",
        f"--CanvasExporter.assignment_id={ASSIGNMENT}=777",
        f"--assignment=['{ASSIGNMENT}']",
        "--student=['ada']",
    )

    assert data == expected


def test_what_is_counted_are_rows_and_not_students(nbgrader, capfd):
    data = nbgrader("CsvExporter")

    assert f"{len(data.splitlines()) - 1} rows written to" in capfd.readouterr().err


def test_an_export_that_canvas_would_misunderstand_is_refused_here_too(nbgrader, capfd):
    with pytest.raises(SystemExit):
        nbgrader("CanvasExporter")

    assert "Export Entire Gradebook" in capfd.readouterr().err
