"""The first cell of a notebook finds the kit wherever a student opens it, or says which one file is missing."""

from __future__ import annotations

import hashlib
import http.server
import io
import json
import os
import ssl
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from autograder.course.opening import address, opening, with_opening
from autograder.grading.release import load_release
from tests.cohort.make import ROOT, material
from tests.handed_out import kit
from tests.this_course import CATALOGUE

ASSIGNMENTS = list(CATALOGUE)
PS3 = "ps3-activations-and-losses"
WHERE = "import kit, os\nprint(os.path.dirname(kit.__file__))\n"
READY = "assert check.__module__ == 'kit.checking'\n"
MADE = "def relu_backward(grad_output, output, x):\n    return grad_output * (x > 0)\n\n\ncheck(relu_backward)\n"


def run(folder: Path, code: str, *, before: str = "") -> subprocess.CompletedProcess[str]:
    """Run code in a fresh interpreter in ``folder``, with the folder itself on the path, as Jupyter has it."""
    line = [sys.executable, "-I", "-c", f"import sys\nsys.path.insert(0, '')\n{before}{code}"]
    environment = {**os.environ, "MPLBACKEND": "Agg"}
    return subprocess.run(line, cwd=folder, env=environment, capture_output=True, text=True)


def first_cell(assignment: str) -> str:
    """The released cell that imports the kit."""
    cells = json.loads((ROOT / "assignments" / assignment / material(assignment).name).read_bytes())["cells"]
    return next("".join(cell["source"]) for cell in cells if cell["id"] == "given-imports")


def unpacked(folder: Path, archive: bytes) -> None:
    """The kit as a folder, as it was handed out before there was kit.zip."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        opened.extractall(folder)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_every_notebook_opens_with_the_same_lines(assignment):
    assert opening() in first_cell(assignment)


EARLIER = """\
import math

import numpy as np

try:
    from kit import {names}
except ModuleNotFoundError as missing:
    if missing.name != "kit":
        raise
    raise ModuleNotFoundError(
        "The folder `kit` is missing: upload the folder `kit` that lies next to this notebook, then run this cell again."
    ) from None"""  # noqa: E501


@pytest.mark.parametrize(
    ("assignment", "names"), [(PS3, "check, erf"), ("ps4-layers", "check, dependency, plot_costs")]
)
def test_the_first_cell_of_an_earlier_term_is_known_as_ours_and_no_students_work(assignment, names):
    release = load_release(ROOT / "assignments" / assignment / material(assignment).name)

    assert release.ever.cell_of(EARLIER.format(names=names)) == "given-imports"


@pytest.mark.parametrize("name", ["plain", "Übung zwei, 100% 'quoted'"])
def test_kit_zip_beside_the_notebook_is_enough(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    (folder / "kit.zip").write_bytes(kit(PS3))

    done = run(folder, f"{first_cell(PS3)}\n{MADE}{WHERE}")

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == str(folder / "kit.zip" / "kit")


def test_a_read_only_folder_is_enough(tmp_path):
    (tmp_path / "kit.zip").write_bytes(kit(PS3))
    tmp_path.chmod(0o555)

    done = run(tmp_path, f"{first_cell(PS3)}\n{READY}")

    tmp_path.chmod(0o755)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["kit.zip"]


def test_the_folder_kit_of_an_earlier_term_goes_on_working(tmp_path):
    unpacked(tmp_path, kit(PS3))
    (tmp_path / "kit.zip").write_bytes(b"of another assignment")

    done = run(tmp_path, f"{first_cell(PS3)}\n{READY}{WHERE}")

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == str(tmp_path / "kit")


def test_a_cell_that_is_run_again_after_the_upload_finds_what_was_uploaded(tmp_path):
    (tmp_path / "there.zip").write_bytes(kit(PS3))
    (tmp_path / "kit.zip").write_bytes(kit(PS3)[:1000])  # an upload that broke off
    again = (
        "try:\n    exec(cell, names)\nexcept ModuleNotFoundError:\n    print('missing')\n"
        "import os; os.replace('there.zip', 'kit.zip')\nexec(cell, names)\nprint(names['check'].__name__)\n"
    )

    done = run(tmp_path, again, before=f"names, cell = {{}}, {first_cell(PS3)!r}\n")

    assert done.stdout.splitlines() == ["missing", "check"], done.stderr


def test_without_a_kit_two_lines_say_which_one_file_to_upload_and_where(tmp_path):
    done = run(tmp_path, first_cell(PS3))

    assert done.stderr.splitlines()[-2:] == [
        f"ModuleNotFoundError: There is no kit in {tmp_path}.",
        "Upload the file kit.zip that came with this notebook into that folder, then run this cell again.",
    ]


@pytest.mark.parametrize("inside", ["kit.zip", "kit/__init__.py", "course-kit/kit/kit/__init__.py"])
def test_on_kaggle_the_kit_is_among_the_inputs_packed_or_not(tmp_path, inside):
    work, inputs = tmp_path / "working", tmp_path / "input"
    work.mkdir()
    place = (inputs / "datasets" / inside).parent
    place.mkdir(parents=True)
    if inside.endswith(".zip"):
        (place / "kit.zip").write_bytes(kit(PS3))
    else:
        unpacked(place.parent, kit(PS3))
    cell = first_cell(PS3).replace("/kaggle/input", str(inputs))

    done = run(work, f"{cell}\n{READY}{WHERE}")

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith(str(inputs))


class Served(http.server.BaseHTTPRequestHandler):
    """Answers every request with the bytes of its server."""

    def do_GET(self) -> None:
        self.send_response(200 if self.server.data else 404)  # type: ignore[attr-defined]
        self.end_headers()
        self.wfile.write(self.server.data)  # type: ignore[attr-defined]

    def log_message(self, *_: object) -> None:
        """Nothing is said."""


@pytest.fixture
def served():
    """Serves bytes at an address of this machine: `served(data)` gives the address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Served)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def serve(data: bytes) -> str:
        server.data = data  # type: ignore[attr-defined]
        return f"http://127.0.0.1:{server.server_port}/{PS3}/kit.zip"

    yield serve
    server.shutdown()
    server.server_close()


def fetching(place: str, wanted: bytes) -> str:
    """The first cell of a course whose kits lie at an address."""
    return f"{opening(place, hashlib.sha256(wanted).hexdigest())}\nfrom kit import check\nimport numpy as np\n"


def test_what_is_not_beside_is_fetched_and_kept(tmp_path, served):
    cell = fetching(served(kit(PS3)), kit(PS3))

    done = run(tmp_path, f"{cell}\n{READY}{WHERE}")

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "kit.zip").read_bytes() == kit(PS3)
    assert run(tmp_path, f"{fetching('https://127.0.0.1:1/', kit(PS3))}\n{READY}").returncode == 0  # and used next time


def test_where_nothing_can_be_written_the_fetched_kit_is_used_all_the_same(tmp_path, served):
    cell = fetching(served(kit(PS3)), kit(PS3))
    refused = "import pathlib\nwritten = pathlib.Path.write_bytes\ndef write(path, data):\n"
    refused += f"    if path.parent == pathlib.Path({str(tmp_path)!r}):\n        raise PermissionError\n"
    refused += "    return written(path, data)\npathlib.Path.write_bytes = write\n"

    done = run(tmp_path, f"{cell}\n{READY}", before=refused)

    assert done.returncode == 0, done.stderr
    assert not list(tmp_path.iterdir())


def test_of_a_kit_that_is_not_the_one_released_nothing_is_written_and_nothing_imported(tmp_path, served):
    forged = io.BytesIO()
    with zipfile.ZipFile(forged, "w") as archive:
        archive.writestr("kit/__init__.py", "open('witness', 'w')\ncheck = print\n")
    place = served(forged.getvalue())

    done = run(tmp_path, fetching(place, kit(PS3)))

    assert done.stderr.splitlines()[-2:] == [
        f"ModuleNotFoundError: What {place} gave is not the kit of this notebook: nothing was kept of it.",
        "Upload the file kit.zip that came with this notebook into its folder, then run this cell again.",
    ]
    assert not list(tmp_path.iterdir())


def test_without_a_network_the_cell_says_what_failed_and_what_to_upload(tmp_path, served):
    done = run(tmp_path, fetching(served(b""), kit(PS3)))

    told = done.stderr.splitlines()[-2:]
    assert told[0].startswith(f"ModuleNotFoundError: There is no kit in {tmp_path}, and none came from http://127")
    assert "HTTP Error 404" in told[0]
    assert told[1].startswith("Upload the file kit.zip")


def test_a_certificate_that_nobody_vouches_for_is_refused():
    assert ssl.create_default_context().verify_mode is ssl.CERT_REQUIRED  # what urlopen uses; the cell changes nothing
    assert "context" not in opening("https://example.org/kit.zip", "0" * 64)


@pytest.mark.parametrize(
    ("kit_url", "expected"),
    [
        ("", ""),
        ("https://example.org/kits", "https://example.org/kits/ps1/kit.zip"),
        ("https://example.org/kits/", "https://example.org/kits/ps1/kit.zip"),
        ("https://example.org/2026/{assignment}.zip", "https://example.org/2026/ps1.zip"),
    ],
)
def test_the_address_is_a_folder_or_has_a_place_for_the_name(kit_url, expected):
    assert address(kit_url, "ps1", "kit.zip") == expected


@pytest.mark.parametrize("as_lines", [True, False])
def test_the_lines_are_written_once_and_take_the_place_of_earlier_ones(as_lines):
    source = "import math\n\nfrom kit import check, erf\nx = 1"
    cells = [{"cell_type": "markdown", "source": "from kit import x"}, {"cell_type": "code", "source": source}]
    if as_lines:
        cells[1]["source"] = source.splitlines(keepends=True)

    found = [with_opening(cells, opening("https://example.org/a", "0" * 64)), with_opening(cells, opening())]

    assert found == [True, True]
    assert "".join(cells[1]["source"]) == f"import math\n\n{opening()}\n\nfrom kit import check, erf\nx = 1"
    assert isinstance(cells[1]["source"], list) is as_lines


def test_a_notebook_that_needs_no_kit_stays_as_it_is():
    cells = [{"cell_type": "code", "source": "import numpy as np"}]

    assert not with_opening(cells, opening())
    assert cells == [{"cell_type": "code", "source": "import numpy as np"}]
