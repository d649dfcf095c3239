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


def course_secret(root: Path) -> bytes:
    """The secret of the course at ``root``, made (mode 0600) if there is none.

    Raises UsageError where the file is there and is not a secret, StorageError where it can't be written.
    """
    path = root / FILE_NAME
    if not path.exists():
        keep_secret(root, new_secret())
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


def new_secret() -> bytes:
    """A secret that nobody has yet."""
    return secrets.token_bytes(LENGTH)


def keep_secret(root: Path, secret: bytes) -> None:
    """Write it atomically, readable by the owner alone; of two first runs at once, the last one's stays."""
    path = root / FILE_NAME
    with storing(path):
        write_atomically(path, f"{secret.hex()}\n".encode("ascii"), 0o600)
