"""A real Chromium, driven through its DevTools protocol, and a Jupyter server for it to look at.

needs_chromium                     the mark of tests that are skipped where there is none
dom(path, folder)                  what becomes of a page that was opened, without anything to drive
browser(folder)                    with browser(tmp_path) as chromium: ...
chromium.open(url)                 a page; its console's errors are kept
chromium.wait(expression)          until a JavaScript expression is true; its value
chromium.run(expression)           its value, promises awaited
chromium.press("Enter", SHIFT)     a key; chromium.type(text), chromium.click(selector)
chromium.picture(path)             what is to be seen
jupyter(arguments, folder, env)    a server's address, until the block ends
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import websocket

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on PATH (Debian: apt install chromium)")
QUIET = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--no-pings",
)
DRIVEN = ("--window-size=1400,1000", "--remote-debugging-port=0", "about:blank")
PATIENCE = 240.0
"""Seconds, on a machine that does other things."""

CONTROL, SHIFT = 2, 8
LEFT = {"button": "left", "clickCount": 1}
KEYS = {"Enter": (13, {"text": "\r"}), "Tab": (9, {}), "a": (65, {"commands": ["selectAll"]})}
"""What they do besides being pressed: "a" stands for Ctrl+A."""


class NotSeenError(AssertionError):
    """What was waited for did not come."""


class Chromium:
    """One tab."""

    def __init__(self, address: str) -> None:
        self._socket = websocket.create_connection(address, timeout=PATIENCE, suppress_origin=True)
        self._number = 0
        self.errors: list[str] = []
        for domain in ("Page", "Runtime"):
            self._call(f"{domain}.enable")

    def open(self, url: str) -> None:
        """Go there."""
        self._call("Page.navigate", url=url)
        self.wait("document.readyState === 'complete'")

    def run(self, expression: str) -> Any:
        """The value of JavaScript, a promise's too."""
        said = self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in said:
            raise NotSeenError(json.dumps(said["exceptionDetails"])[:2000])
        return said["result"].get("value")

    def wait(self, expression: str) -> Any:
        """Its value as soon as it is true; the page may be reloaded meanwhile."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                value = self.run(expression)
            except NotSeenError:
                value = None
            if value:
                return value
            time.sleep(0.2)
        raise NotSeenError(f"{expression}\n{self.run('document.body.innerText')}"[:4000])

    def click(self, selector: str) -> None:
        """Click the middle of an element, once it is there, as a mouse does."""
        found = f"document.querySelector({json.dumps(selector)})"
        self.wait(f"!!{found}")
        self.run(f"{found}.scrollIntoView({{block: 'center'}})")
        box = self.run(f"(r => [r.x + r.width / 2, r.y + r.height / 2])({found}.getBoundingClientRect())")
        for kind, more in (("mouseMoved", {}), ("mousePressed", LEFT), ("mouseReleased", LEFT)):
            self._call("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], **more)

    def type(self, text: str) -> None:
        """Write where the cursor is."""
        self._call("Input.insertText", text=text)

    def press(self, key: str, modifiers: int = 0) -> None:
        """Press and release a key."""
        number, more = KEYS[key]
        same = {"key": key, "code": key, "windowsVirtualKeyCode": number, "modifiers": modifiers}
        self._call("Input.dispatchKeyEvent", type="keyDown", **same, **more)
        self._call("Input.dispatchKeyEvent", type="keyUp", **same)

    def picture(self, path: Path) -> None:
        """Save what is to be seen as PNG."""
        path.write_bytes(base64.b64decode(self._call("Page.captureScreenshot")["data"]))

    def close(self) -> None:
        """Let go of the tab."""
        self._socket.close()

    def _call(self, method: str, **parameters: Any) -> Any:
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            said = json.loads(self._socket.recv())
            if said.get("method") == "Runtime.exceptionThrown":
                details = said["params"]["exceptionDetails"]
                self.errors.append(details.get("exception", {}).get("description", details.get("text", "")))
            if said.get("id") == self._number:
                assert "error" not in said, (method, said["error"])
                return said["result"]


def dom(path: Path, folder: Path) -> str:
    """A page's HTML after it was loaded, scripts and all, by a Chromium with a profile of its own in ``folder``."""
    line = _line(folder, "--dump-dom", path.as_uri())
    return subprocess.run(line, capture_output=True, text=True, timeout=120, check=True).stdout


def _line(folder: Path, *more: str) -> list[str]:
    assert CHROMIUM is not None
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return [CHROMIUM, *QUIET, *as_root, f"--user-data-dir={folder / 'profile'}", *more]


@contextmanager
def browser(folder: Path) -> Iterator[Chromium]:
    """A Chromium with a profile of its own in ``folder``, gone when the block ends."""
    with running(_line(folder, *DRIVEN), folder, dict(os.environ), folder / "chromium.log"):
        port_file = folder / "profile" / "DevToolsActivePort"
        until(lambda: port_file.is_file() and port_file.read_text().count("\n") >= 1)
        port = port_file.read_text().splitlines()[0]
        pages = json.loads(fetched(f"http://127.0.0.1:{port}/json/list"))
        tab = Chromium(next(one["webSocketDebuggerUrl"] for one in pages if one["type"] == "page"))
        try:
            yield tab
        finally:
            tab.close()


@contextmanager
def jupyter(line: list[str], folder: Path, env: dict[str, str]) -> Iterator[str]:
    """The address of the Jupyter server that ``line`` starts in ``folder``; it gets a port and no token."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    more = [f"--port={port}", "--ServerApp.port_retries=0", "--no-browser", "--IdentityProvider.token=open"]
    as_root = ["--allow-root"] if os.geteuid() == 0 else []
    address = f"http://127.0.0.1:{port}"
    with running([*line, *more, *as_root], folder, env, folder / "jupyter.log"):
        until(lambda: b"started" in fetched(f"{address}/api/status?token=open"))
        yield address


@contextmanager
def running(line: list[str], folder: Path, env: dict[str, str], log: Path) -> Iterator[None]:
    """A process group of our own, ended with the block."""
    with log.open("wb") as stream:
        process = subprocess.Popen(
            line, cwd=folder, env=env, stdout=stream, stderr=stream, stdin=subprocess.DEVNULL, start_new_session=True
        )
        try:
            yield
        finally:
            for sign in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(process.pid, sign)
                    process.wait(timeout=20)
                except (ProcessLookupError, subprocess.TimeoutExpired):
                    continue


def fetched(url: str) -> bytes:
    """What is at ``url``; nothing if nobody answers yet."""
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return bytes(answer.read())
    except OSError:
        return b""


def until(true: Any) -> None:
    """Wait until ``true()``."""
    end = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > end:
            raise NotSeenError("nothing came up in time")
        time.sleep(0.2)
