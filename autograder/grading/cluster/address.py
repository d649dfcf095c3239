"""Which addresses a run may talk to: secret and submissions cross, so over TLS, or without leaving the machine."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from autograder.errors import UsageError

PORT = 8786
"""Where a Dask scheduler listens unless told otherwise."""

_EXPECTED = f"tls://host:{PORT}, or tcp://127.0.0.1:{PORT} on this machine"


def checked_address(text: str) -> str:
    """The scheduler's address in full. Raises UsageError unless it is safe."""
    parts = _split(text)
    if parts is None or parts.scheme not in ("tls", "tcp") or not parts.hostname:
        raise UsageError(
            "That is no address of a scheduler",
            expected=_EXPECTED,
            got=repr(text),
            next_step="`dask scheduler` prints its address when it starts",
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    address = f"{parts.scheme}://{host}:{parts.port or PORT}"
    if not is_safe(address):
        raise UsageError(
            "Over plain tcp anybody on the way could read the submissions and the course secret",
            expected=_EXPECTED,
            got=address,
            next_step="Give all machines certificates and use tls://, as docs/scaling.md says",
        )
    return address


def is_safe(address: str) -> bool:
    """Whether what is sent there is encrypted, or stays on the machine that sends it."""
    parts = _split(address)
    if parts is None:
        return False
    return parts.scheme == "tls" or (parts.scheme == "tcp" and _is_loopback(parts.hostname or ""))


def _split(text: str) -> SplitResult | None:
    """The parts of an address; None if there is more than a scheme, a host and a port, or the port is none."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    plain = parts.path in ("", "/") and not parts.query and not parts.fragment and "@" not in parts.netloc
    return parts if plain else None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
