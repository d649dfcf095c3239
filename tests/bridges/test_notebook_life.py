"""The life of an assignment, by the commands that the guides name: a shell, real kernels, JupyterLab in a Chromium.

Each fixture is a chapter and goes on where the one before ended: released, worked on, collected, graded, marked by
hand, given back. The tests say what must be so at the end of a chapter.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.bridges.browser import CONTROL, SHIFT, browser, jupyter, needs_chromium
from tests.bridges.small_course import sql
from tests.cohort.make import ROOT, as_file, material
from tests.reports.html_parts import Parts

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("notebook life"), needs_chromium]

ASSIGNMENT, NOTEBOOK, ESSAY = "ps1-chain-rule", "chain-rule", "essay-adding-gradients"
SCRIPTS = Path(sys.executable).parent
WRONG = "def mul_local(a, b):\n    return a, b\n"
WRONG_CHAIN = "def chain_derivative(f_prime, g, g_prime, x):\n    return f_prime(x) * g_prime(x)"
ANSWER = "Each path changes z a little, and small changes add up. <script>document.title = 'owned'</script>"
ACTIVE = "document.querySelector('.jp-Notebook .jp-Cell.jp-mod-active')"
PRAISE = 'Good. <script>document.title = "owned"</script> Why small?'
MARK = 4.5


@dataclass(frozen=True)
class Life:
    """A course, its exchange, and the homes of those who take it."""

    course: Path
    exchange: Path
    homes: Path

    def env(self, who: str) -> dict[str, str]:
        """An environment in which nothing is configured."""
        home = self.homes / who
        home.mkdir(parents=True, exist_ok=True)
        return {"PATH": f"{SCRIPTS}:/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8"}

    def student(self, who: str, command: str, *arguments: str, cwd: Path | None = None) -> str:
        """`nbgrader COMMAND` as a student, who has no configuration."""
        names = [f"--CourseDirectory.student_id={who}", f"--Exchange.root={self.exchange}"]
        names += [] if command == "validate" else ["--course", "backpropagation"]
        return run([SCRIPTS / "nbgrader", command, *arguments, *names], cwd or self.homes / who, self.env(who))

    def instructor(self, *line: str) -> str:
        """A command in the course's folder; nbgrader's is told where the exchange is."""
        more = [f"--Exchange.root={self.exchange}"] if line[0] == "nbgrader" else []
        return run([SCRIPTS / line[0], *line[1:], *more], self.course, self.env("instructor"))

    def desk(self, who: str) -> Path:
        """The assignment as a student has it."""
        return self.homes / who / ASSIGNMENT

    def grades(self) -> dict[str, dict[str, str]]:
        """`reports/<assignment>/grades.csv` by student."""
        with (self.course / "reports" / ASSIGNMENT / "grades.csv").open(newline="") as stream:
            return {row["student"]: row for row in csv.DictReader(stream)}


def run(line, cwd: Path, env: dict[str, str]) -> str:
    """What a command says, if it ends well."""
    done = subprocess.run([str(part) for part in line], cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{line}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A course of one assignment, as `make release` made it, released on an exchange."""
    root = tmp_path_factory.mktemp("life")
    life = Life(root / "course", root / "exchange", root / "homes")
    for folder in ("assignments", "solutions"):
        left_by_use = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        shutil.copytree(ROOT / folder / ASSIGNMENT, life.course / folder / ASSIGNMENT, ignore=left_by_use)
    shutil.copytree(ROOT / "requirements", life.course / "requirements", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "nbgrader_config.py", life.course)
    life.exchange.mkdir()
    life.exchange.chmod(0o777)
    life.instructor("nbgrader", "release_assignment", ASSIGNMENT)
    return life


@pytest.fixture(scope="module")
def worked(released):
    """Two students fetched it. Ada has one rule wrong, one open, and wrote an essay; bo has everything but that."""
    given = material(ASSIGNMENT)
    ada = given.notebook({**given.answers, "mul_local": WRONG})
    for cell in ada["cells"]:
        if cell["id"] == ESSAY:
            cell["source"] = [ANSWER]
        if cell["id"] == "tanh_local":
            cell["source"] = next(one["source"] for one in given.released["cells"] if one["id"] == "tanh_local")
    for who, made in (("ada", ada), ("bo", given.notebook(given.answers))):
        released.env(who)
        released.student(who, "fetch_assignment", ASSIGNMENT)
        (released.desk(who) / f"{NOTEBOOK}.ipynb").write_bytes(as_file(made))
    return released


@pytest.fixture(scope="module")
def collected(worked):
    """Both handed in; everything was collected beside the course, and taken in from there."""
    for who in ("ada", "bo"):
        worked.student(who, "submit", ASSIGNMENT)
    worked.instructor("nbgrader", "collect", ASSIGNMENT, "--CourseDirectory.submitted_directory=collected")
    worked.instructor("autograder", "intake", "collected")
    return worked


@pytest.fixture(scope="module")
def graded(collected):
    """Everything handed in was graded."""
    collected.instructor("autograder", "grade")
    return collected


@dataclass(frozen=True)
class Seen:
    """What a person saw in the formgrader."""

    first: str
    listed: dict[str, str]
    title: str
    again: list[str]


@pytest.fixture(scope="module")
def marked(graded, tmp_path_factory):
    """A person opened the formgrader as `make formgrader` does, gave ada's essay points and words, and looked again."""
    folder = tmp_path_factory.mktemp("formgrader")
    recipe = re.search(
        r"^formgrader:.*\n.*jupyterlab (?P<options>.*) \$\(ARGS\)", (ROOT / "Makefile").read_text(), re.M
    )
    line = [sys.executable, "-m", "jupyterlab", *recipe["options"].split()]
    with jupyter(line, graded.course, graded.env("instructor")) as address, browser(folder) as chromium:
        chromium.open(f"{address}/?token=open")
        chromium.wait("document.body.innerText.includes('Manage Assignments')")
        first = chromium.run("location.pathname")
        chromium.open(f"{address}/formgrader/gradebook/{ASSIGNMENT}/{NOTEBOOK}")
        chromium.wait("document.querySelectorAll('tbody tr a.name-shown').length === 2")
        listed = chromium.run(
            "Object.fromEntries([...document.querySelectorAll('tbody tr')].map(row => ["
            "row.querySelector('a.name-shown').textContent, row.querySelector('.needs-manual-grade').dataset.search]))"
        )
        address = chromium.run(
            "[...document.querySelectorAll('a.name-shown')].find(link => link.textContent === 'ada').href"
        )
        chromium.open(address)
        # what is typed before the page has loaded its grades and comments is lost
        chromium.wait(f"!!document.querySelector(`input.needs_manual_grade[id='{ESSAY}']`)")
        chromium.wait(f"!!document.querySelector(`textarea[data-autosize-on][id='{ESSAY}-comment']`)")
        chromium.click(f"textarea[id='{ESSAY}-comment']")
        chromium.type(PRAISE)
        chromium.click(f"input.score[id='{ESSAY}']")
        chromium.type(f"{MARK}")
        chromium.press("Tab")
        chromium.picture(folder / "formgrader.png")
        saved = (
            "SELECT count(*) FROM grade g, comment c WHERE g.manual_score IS NOT NULL AND c.manual_comment IS NOT NULL"
        )
        until_saved(graded, saved)
        chromium.open(address)
        fields = f"[document.querySelector(`input.score[id='{ESSAY}']`), document.getElementById('{ESSAY}-comment')]"
        chromium.wait(f"{fields}.every(field => field && field.value)")
        again = chromium.run(f"{fields}.map(field => field.value)")
        title = chromium.run("document.title")
    return Seen(first, listed, title, again)


def until_saved(life, query):
    """The page saves in the background."""
    end = time.monotonic() + 120
    while sql(_Gradebook(life.course / "gradebook.db"), query) == [(0,)] and time.monotonic() < end:
        time.sleep(0.2)


@dataclass(frozen=True)
class _Gradebook:
    gradebook: Path


@pytest.fixture(scope="module")
def given_back(graded, marked):
    """Graded once more, which finds nothing new, and the feedback released and fetched."""
    said = graded.instructor("autograder", "grade")
    graded.instructor("nbgrader", "release_feedback", ASSIGNMENT)
    for who in ("ada", "bo"):
        graded.student(who, "fetch_feedback", ASSIGNMENT)
    return said


def run_cell(chromium):
    """Run the active cell of JupyterLab's notebook, as a person who waits for it and looks before going on."""
    chromium.run(f"window.ran = {ACTIVE}")
    chromium.press("Enter", SHIFT)
    chromium.wait(f"window.ran !== {ACTIVE}")
    done = "/\\[\\d+\\]/.test(window.ran.querySelector('.jp-InputPrompt').innerText)"
    chromium.wait(f"!window.ran.isConnected || !window.ran.classList.contains('jp-CodeCell') || {done}")


def page_of(life, who):
    (page,) = life.desk(who).glob(f"feedback/*/{NOTEBOOK}.html")
    return page


def test_the_kit_travels_and_nothing_private_does(worked):
    desk = worked.desk("bo")

    names = {path.relative_to(desk).as_posix() for path in desk.rglob("*") if path.is_file()}

    released = ROOT / "assignments" / ASSIGNMENT
    left_by_use = ("__pycache__", ".ipynb_checkpoints", ".pytest_cache")
    expected = {path.relative_to(released) for path in released.rglob("*") if path.is_file()}
    assert names == {path.as_posix() for path in expected if not set(path.parts) & set(left_by_use)}
    assert {"conftest.py", "kit/checking.py"} <= names


def test_validate_names_what_fails_in_a_line_each(worked):
    said = worked.student("ada", "validate", f"{NOTEBOOK}.ipynb", cwd=worked.desk("ada"))

    assert "VALIDATION FAILED ON 2 CELL(S)" in said
    assert "mul_local: 3 of 4 checks fail; dy/da: the number differs" in said
    assert "tanh_local: not filled in yet" in said
    assert "Traceback" not in said


def test_notebooks_with_their_times_and_secrets_are_collected_and_nothing_else(collected):
    arrived = sorted(path.name for path in (collected.course / "submitted" / "ada" / ASSIGNMENT).iterdir())

    assert arrived == [f"{NOTEBOOK}.ipynb", "submission_secret.txt", "timestamp.txt"]


def test_scores_are_right_and_the_essay_waits(graded):
    automatic = 100 - 6 - 2 - 2

    cells = sql(
        _Gradebook(graded.course / "gradebook.db"),
        "SELECT sa.student_id, sum(auto_score), sum(needs_manual_grade AND auto_score IS NULL) FROM grade g"
        " JOIN submitted_notebook sn ON sn.id = g.notebook_id JOIN submitted_assignment sa ON sa.id = sn.assignment_id"
        " GROUP BY 1 ORDER BY 1",
    )

    assert cells == [("ada", float(automatic), 1), ("bo", 94.0, 0)]


def test_make_formgrader_opens_the_formgrader(marked):
    assert marked.first.startswith("/formgrader")


def test_the_formgrader_lists_whose_essay_must_be_read(marked):
    assert marked.listed == {"ada": "needs manual grade", "bo": ""}


def test_points_and_comment_are_saved_and_no_script_ran(marked):
    assert marked.again == [f"{MARK}", PRAISE]
    assert marked.title == NOTEBOOK


def test_grading_again_keeps_what_was_given_by_hand_and_counts_it(graded, given_back):
    row = graded.grades()["ada"]

    assert "2 unchanged" in given_back
    assert (float(row[ESSAY]), float(row["score"])) == (MARK, 90 + MARK)


def test_the_student_gets_the_page_with_the_instructors_words_and_nothing_that_acts(graded, given_back):
    page = Parts(page_of(graded, "ada").read_text())

    assert PRAISE in page.text
    assert "94.5 of 100 points, everything counted" in page.text
    assert "mul_local" in page.text
    assert page.active == []


def test_nobody_gets_anothers_page(graded, given_back):
    assert Parts(page_of(graded, "bo").read_text()).text.count("ada") == 0
    assert "From your instructor" not in page_of(graded, "bo").read_text()


def test_in_jupyterlab_a_check_tells_what_is_wrong_and_validate_and_submit_are_there(released, tmp_path):
    before = {path: path.read_bytes() for path in (released.course / "assignments").rglob("*") if path.is_file()}
    line = [sys.executable, "-I", "-m", "autograder", "lab", "--course", str(released.course)]
    output = "[...document.querySelectorAll('.jp-OutputArea')].map(area => area.innerText)"
    active = f"{ACTIVE}.innerText"
    dialog = "(document.querySelector('.jp-Dialog') || document.body).innerText"

    with jupyter(line, tmp_path, released.env("carol")) as address, browser(tmp_path) as chromium:
        chromium.open(f"{address}/lab/tree/{ASSIGNMENT}/{NOTEBOOK}.ipynb?token=open")
        # the indicator says idle before there is a kernel, too
        chromium.wait("fetch('/api/kernels').then(r => r.json()).then(all => all.some(kernel => kernel.connections))")
        chromium.wait("document.querySelector('.jp-Notebook-ExecutionIndicator')?.dataset.status === 'idle'")
        chromium.click(".jp-Notebook .jp-Cell .jp-InputPrompt")
        while "def chain_derivative" not in chromium.run(active):
            run_cell(chromium)
        chromium.press("Enter")
        chromium.press("a", CONTROL)
        chromium.type(WRONG_CHAIN)
        run_cell(chromium)
        run_cell(chromium)
        told = chromium.wait(f"{output}.find(text => text.includes('Smallest failing case'))")
        chromium.picture(tmp_path / "check.png")

        chromium.run("[...document.querySelectorAll('.jp-ToolbarButtonComponent')]"
                     ".find(button => button.innerText.trim() === 'Validate').click()")  # fmt: skip
        validated = chromium.wait(f"(text => text.includes('following cell failed') && text)({dialog})")
        chromium.picture(tmp_path / "validate.png")
        chromium.click(".jp-Dialog .jp-mod-accept")

        menu = "[...document.querySelectorAll('.lm-MenuBar-item')].find(item => item.innerText === 'Nbgrader')"
        chromium.run(f"{menu}.dataset.wanted = 'yes'")
        chromium.click("[data-wanted]")
        chromium.wait("!!document.querySelector('.lm-Menu-item')")
        offered = chromium.run(
            "[...document.querySelectorAll('.lm-Menu-item .lm-Menu-itemLabel')].map(item => item.innerText)"
        )
        chromium.click(".lm-Menu-item")
        chromium.wait("document.body.innerText.includes('Assignments') && [...document.querySelectorAll('button')]"
                      ".some(button => button.innerText.trim() === 'Submit')")  # fmt: skip
        chromium.picture(tmp_path / "assignments.png")
        chromium.run("[...document.querySelectorAll('button')].find(b => b.innerText.trim() === 'Submit').click()")
        inbound = released.course / "lab" / "exchange" / "backpropagation" / "inbound"
        end = time.monotonic() + 120
        while not any(inbound.iterdir()) and time.monotonic() < end:
            time.sleep(0.2)

    (handed_in,) = inbound.glob(f"*+{ASSIGNMENT}+*")
    saved = json.loads((handed_in / f"{NOTEBOOK}.ipynb").read_text())
    assert "chain_derivative: 2 of 5 checks pass" in told
    assert "chain_derivative: 3 of 5 checks fail" in validated
    assert [entry for entry in offered if entry] == ["Assignment List"]
    assert WRONG_CHAIN in ["".join(cell["source"]) for cell in saved["cells"]]
    assert {path: path.read_bytes() for path in before} == before
