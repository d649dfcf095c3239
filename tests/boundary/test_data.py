"""The data of assignments in a box: each job reads its own assignment's, nobody writes, and nothing else is there."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

import pytest

from autograder.boundary.launcher import FreshBox
from autograder.boundary.tiers import try_tier, warm_fault
from autograder.boundary.warm import WarmBox
from tests.boundary.boxes import job, missing_wall, read, values

KINDS = ("warm", "namespaces", "process")
NAMES = "first", "second"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Two assignments with data of the same name, and what students must not see beside it."""
    root = tmp_path_factory.mktemp("course")
    for name in NAMES:
        public = root / "solutions" / name / "public"
        (public / "data" / "faces").mkdir(parents=True)
        (public / "data" / "words.txt").write_text(f"of the {name}: ä", encoding="utf-8")
        (public / "data" / "faces" / "one.bin").write_bytes(b"\x00\xff" + name.encode())
        (public / "words.py").write_text("shipped = True")
        (root / "solutions" / name / "private").mkdir()
        (root / "solutions" / name / "private" / "words.py").write_text("SENTINEL = 'the answers'")
    root.chmod(0o755)
    return root


@pytest.fixture(scope="module", params=KINDS)
def box(request, course):
    """A box of each kind that shows the data of both."""
    kind = request.param
    reason = warm_fault() if kind == "warm" else try_tier(kind).reason
    if reason:
        missing_wall(kind, reason)
    data = tuple((course / "solutions" / name / "public" / "data", name) for name in NAMES)
    made = WarmBox(proven=True, data=data) if kind == "warm" else FreshBox(kind, proven=True, data=data)
    yield made
    made.close()


def ran(box, assignment, *sources, names=("got",)):
    """What variables hold when cells have run as a submission to an assignment."""
    outcome = box.run(replace(job(sources, read(*names)), assignment=assignment))
    return values(outcome)


def test_the_same_name_in_two_assignments_of_one_run_is_two_files(box):
    text = "import kit\ngot = kit.data('words.txt').read_text(encoding='utf-8')"

    found = [ran(box, name, text)[0] for name in (*NAMES, *NAMES)]

    assert found == ["of the first: ä", "of the second: ä"] * 2


def test_bytes_in_a_folder_of_the_data_can_be_opened(box):
    text = "import kit\nwith kit.data('faces/one.bin').open('rb') as file:\n    got = list(file.read())"

    assert ran(box, "second", text) == [list(b"\x00\xffsecond")]


@pytest.mark.parametrize("name", ["word.txt", "../words.py", "faces", "/etc/passwd", "../../first/words.txt", ""])
def test_another_name_is_refused_with_the_names_that_there_are(box, name):
    text = f"import kit\ntry:\n    kit.data({name!r})\nexcept FileNotFoundError as error:\n    got = str(error)"

    assert ran(box, "first", text) == [f"there is no data file {name!r}. The files here: faces/one.bin, words.txt"]


def test_an_assignment_without_data_is_told_so(box):
    text = "import kit\ntry:\n    kit.data('words.txt')\nexcept FileNotFoundError as error:\n    got = str(error)"

    assert ran(box, "third", text) == [
        "there is no data file 'words.txt'. The files here: none: this assignment has no data"
    ]


def test_of_the_course_nothing_but_its_data_is_in_the_box(box):
    look = (
        "import pathlib\nroot = pathlib.Path(__import__('autograder').__file__).parents[2]\n"
        "got = sorted(str(path.relative_to(root / 'data')) for path in (root / 'data').rglob('*') if path.is_file())\n"
        "held = [str(path) for path in root.rglob('words.py')]"
    )

    got, held = ran(box, "first", look, names=("got", "held"))

    assert got == ["first/faces/one.bin", "first/words.txt", "second/faces/one.bin", "second/words.txt"]
    assert held == []


def test_nobody_writes_into_the_data_of_the_course(box, course):
    attack = (
        "import kit, pathlib\ngot = False\nplace = pathlib.Path(str(kit.data('words.txt')))\n"
        "for path in (place, place.with_name('more.txt')):\n"
        "    try:\n        path.write_text('forged')\n    except OSError:\n        pass\n"
    )

    ran(box, "first", attack)

    folder = course / "solutions" / "first" / "public" / "data"
    assert (folder / "words.txt").read_text(encoding="utf-8") == "of the first: ä"
    assert sorted(path.name for path in folder.iterdir()) == ["faces", "words.txt"]


def test_a_kit_zip_of_the_students_own_on_the_path_changes_nothing(box):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("kit/__init__.py", "mine = True\ncheck = data = print\n")
    plant = (
        f"import pathlib, sys\npathlib.Path('kit.zip').write_bytes(bytes({json.dumps(list(archive.getvalue()))}))\n"
        "sys.path.insert(0, str(pathlib.Path('kit.zip').resolve()))\nimport importlib\nimportlib.invalidate_caches()\n"
    )
    look = "import kit\ngot = [hasattr(kit, 'mine'), kit.__name__, kit.data('words.txt').read_bytes() != b'']"

    assert ran(box, "first", plant, look) == [[False, "autograder.kit", True]]
