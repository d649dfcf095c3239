"""In a real browser: no script of a hostile submission runs, and the tables sort."""

from __future__ import annotations

import re

import pytest

from autograder.reports.class_page import render_class
from autograder.reports.class_report import build
from autograder.reports.feedback import render
from autograder.reports.pages import SECURITY
from tests.bridges.browser import dom, needs_chromium
from tests.reports.made_up import HOSTILE, a_class, hostile_page

pytestmark = needs_chromium


def title_in_browser(path, folder) -> str:
    """The title of the page after it was loaded, scripts and all."""
    loaded = dom(path, folder)
    found = re.search(r"<title>(.*?)</title>", loaded, re.DOTALL)
    assert found is not None, loaded[:500]
    return found[1]


def hostile_class_page() -> str:
    report = build(a_class(2), made="now")
    report["trouble"] = [
        {"student": HOSTILE, "exercise": HOSTILE, "kind": "crashed", "cpu_seconds": 1.0, "message": HOSTILE}
    ]
    return render_class(report)


PAGES = {"feedback": lambda: render(hostile_page()), "class": hostile_class_page}


@pytest.mark.parametrize("make", PAGES.values(), ids=PAGES.keys())
def test_no_script_runs_even_without_the_pages_policy(make, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(make().replace("Content-Security-Policy", "x-none"))

    title = title_in_browser(path, tmp_path)

    assert title.startswith("ps2-rules: ")


def test_the_policy_alone_would_stop_a_script(tmp_path):
    from html import escape

    head = f'<meta http-equiv="Content-Security-Policy" content="{escape(SECURITY)}"><title>calm</title>'
    path = tmp_path / "page.html"
    path.write_text(f"<!doctype html><head>{head}</head>{HOSTILE}".replace("\x00", ""))

    title = title_in_browser(path, tmp_path)

    assert title == "calm"


def test_a_script_would_be_noticed(tmp_path):
    path = tmp_path / "page.html"
    path.write_text("<!doctype html><title>calm</title><script>document.title='owned'</script>")

    title = title_in_browser(path, tmp_path)

    assert title == "owned"
