"""What pip is configured with reaches uv; and what the tools say becomes one paragraph."""

import json
import os
import subprocess
import sys

import pytest

from tests.setup.world import ROOT

CONFIGURED = """
[global]
index-url = https://me:word@mirror.example.org/simple
extra-index-url =
    https://one.example.org/simple
    https://two.example.org/simple
cert = /etc/company.pem
timeout = 7
[install]
find-links = /srv/wheels /srv/more
trusted-host = one.example.org
no-binary = left,right
[freeze]
timeout = 8
"""

# What uv and pip printed, as it was seen.
SEEN = {
    "space": [
        "error: Failed to install: torch-2.13.0.whl\n  Caused by: copy: No space left on device (os error 28)",
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
    ],
    "forbidden": ["error: failed to create directory `/x/.cache/uv`: Read-only file system (os error 30)"],
    "hash": [
        "  × Failed to download `toy==1.0`\n  ╰─▶ Hash mismatch for `toy==1.0`\n\n      Expected:\n        sha256:00",
        "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\n    toy==1.0 from file:///x:",
    ],
    "versions": [
        "  × No solution found when resolving dependencies:\n  ╰─▶ Because toy was not found in the package registry",
        "ERROR: Cannot install nbconvert because these package versions have conflicting dependencies.",
        "ERROR: No matching distribution found for toy==1.0",
    ],
    "network": [
        "error: Failed to fetch: `http://127.0.0.1:9/simple/toy/`\n  Caused by: error sending request for url",
        "  Caused by: invalid peer certificate: UnknownIssuer",
    ],
}


def run(program, *arguments, **environment):
    """Run ``program`` with requirements/ on the path; what it printed, as JSON."""
    head = "import json, os, sys; sys.path.insert(0, sys.argv[1]); "
    line = [sys.executable, "-c", head + program, ROOT / "requirements", *arguments]
    found = subprocess.run(
        line, env={"PATH": os.environ["PATH"], **environment}, capture_output=True, text=True, check=True
    )
    return json.loads(found.stdout)


@pytest.fixture(scope="module")
def handed(tmp_path_factory):
    """uv's options and environment, for a configuration file and a variable that wins over it."""
    folder = tmp_path_factory.mktemp("pip")
    (folder / "pip.conf").write_text(CONFIGURED)
    program = "from pip_settings import *; print(json.dumps(for_uv(pip_settings(sys.executable), dict(os.environ))))"
    return run(program, PIP_CONFIG_FILE=str(folder / "pip.conf"), PIP_NO_INDEX="1", PIP_PROXY="proxy.example.org:3128",
               PIP_EXTRA_INDEX_URL="https://three.example.org/simple", HOME=str(folder))  # fmt: skip


def test_what_pip_is_configured_with_is_given_to_uv(handed):
    options, environment = handed
    expected = {
        "UV_DEFAULT_INDEX": "https://me:word@mirror.example.org/simple",
        "UV_EXTRA_INDEX_URL": "https://three.example.org/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_INSECURE_HOST": "one.example.org",
        "UV_HTTP_TIMEOUT": "7",
        "SSL_CERT_FILE": "/etc/company.pem",
        "HTTPS_PROXY": "http://proxy.example.org:3128",
    }

    assert {name: environment.get(name) for name in expected} == expected
    assert options == [
        "--find-links", "/srv/wheels", "--find-links", "/srv/more", "--no-binary", "left", "--no-binary", "right",
        "--no-index",
    ]  # fmt: skip


def test_a_password_of_an_index_is_not_on_the_command_line(handed):
    assert not any("word" in option for option in handed[0])


def test_what_somebody_says_to_uv_itself_wins():
    settings = {"index-url": "https://a.example.org"}
    program = f"from pip_settings import *; print(json.dumps(for_uv({settings}, dict(os.environ))))"

    _, environment = run(program, UV_DEFAULT_INDEX="https://b.example.org")

    assert environment["UV_DEFAULT_INDEX"] == "https://b.example.org"


def test_each_sort_of_failure_has_its_next_step_in_one_paragraph():
    each = "[explain.kind(text), explain.paragraph('It', text, 2)] for text in json.loads(sys.argv[2])"
    program = f"import explain; print(json.dumps([{each}]))"
    texts = [(sort, text) for sort, seen in SEEN.items() for text in seen]

    found = run(program, json.dumps([text for _, text in texts]))

    assert [kind for kind, _ in found] == [sort for sort, _ in texts]
    assert [said for _, said in found if "\n" in said or "Traceback" in said or "╰" in said] == []
    assert len({said.rpartition("2 times. ")[2] for _, said in found}) == len(SEEN)


def test_an_error_of_the_system_names_the_place_and_what_to_do():
    program = (
        "import errno, explain; print(json.dumps(explain.of_the_system('It', OSError(errno.ENOSPC, 'No space', '/x'))))"
    )

    assert run(program).startswith("It failed: No space (/x). Make room on the disk")
