"""The course secret: what the inputs of the hidden cases are drawn from. A git-ignored file, made on first use."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

from autograder.errors import UsageError
from autograder.grading._files import write_atomically
from autograder.grading._storage import storing

LENGTH = 32
FILE_NAME = ".course-secret"


def course_secret(root: Path, *, renew: bool = False) -> bytes:
    """The secret of the course at ``root``, made (mode 0600) if there is none or if ``renew`` asks for a new one.

    Raises UsageError where the file is there and is not a secret, StorageError where it can't be written.
    """
    path = root / FILE_NAME
    if renew or not path.exists():
        _write(path, secrets.token_hex(LENGTH))
    text = path.read_text(encoding="ascii", errors="replace").strip()
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        secret = b""
    if len(secret) != LENGTH:
        raise UsageError(
            f"{path.name} does not hold a course secret: expected {2 * LENGTH} hexadecimal digits, got {len(text)} "
            "characters. Restore it from a backup, or make a new one with `autograder grade --reseed`; recorded "
            "scores stay as they are."
        )
    return secret


def fingerprint(secret: bytes) -> str:
    """Eight hexadecimal digits that tell two secrets apart and give neither away."""
    return hashlib.sha256(b"fingerprint\x1f" + secret).hexdigest()[:8]


def _write(path: Path, text: str) -> None:
    """Write atomically, readable by the owner alone; of two first runs at once, the last one's stays."""
    with storing(path):
        write_atomically(path, f"{text}\n".encode("ascii"), 0o600)
