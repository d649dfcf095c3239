"""A PostgreSQL server of a test's own: on a socket in a temporary folder, gone afterwards.

server()           a context: the server's folder, in which its socket lies
database(server)   the address of a new, empty database, as `c.CourseDirectory.db_url` has it
needs_postgresql   skips, or fails where everything is required, where Debian's `postgresql` is not installed
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from tests.boundary.boxes import missing_wall

USER = "grader"
NOBODY = "nobody"
"""Who runs the server where the tests are root's: PostgreSQL refuses to be."""


def programs() -> Path | None:
    """Where `initdb` and `pg_ctl` are: Debian keeps them off PATH."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    return debian[-1].parent if debian else None


def needs_postgresql() -> Path:
    """Where the server's programs are, or the test ends here."""
    found = programs()
    if found is None:
        missing_wall("a gradebook on PostgreSQL", "no initdb (Debian: apt install postgresql)")
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        missing_wall(
            "a gradebook on PostgreSQL", "root can't start it without setpriv (Debian: apt install util-linux)"
        )
    return found


@contextmanager
def server() -> Iterator[Path]:
    """A server that sorts as English does, unlike SQLite."""
    found = needs_postgresql()
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path has to be short
    data = folder / "data"
    if os.geteuid() == 0:
        os.chown(folder, pwd.getpwnam(NOBODY).pw_uid, pwd.getpwnam(NOBODY).pw_gid)
    try:
        _run(found / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C",
             "--locale-provider=icu", "--icu-locale=en-US")  # fmt: skip
        _run(found / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", f"-F -h '' -k {folder}", "start")
        try:
            yield folder
        finally:
            _run(found / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def database(server: Path, like: str = "") -> str:
    """The address of a new database on the server: an empty one, or a copy of that at the address ``like``."""
    name = f"grades_{secrets.token_hex(4)}"
    _tell(server, f"CREATE DATABASE {name} TEMPLATE {_name(like) if like else 'template1'}")
    return _address(server, name)


def drop(server: Path, url: str) -> None:
    """Remove a database, whoever is still connected."""
    _tell(server, f"DROP DATABASE {_name(url)} WITH (FORCE)")


def _tell(server: Path, order: str) -> None:
    engine = sa.create_engine(_address(server, "postgres"), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(order)


def _name(url: str) -> str:
    return str(sa.engine.make_url(url).database)


def _address(server: Path, name: str) -> str:
    return f"postgresql://{USER}@/{name}?host={server}"


def _run(*command: object) -> None:
    words = [str(word) for word in command]
    if os.geteuid() == 0:
        who = pwd.getpwnam(NOBODY)
        words = ["setpriv", f"--reuid={who.pw_uid}", f"--regid={who.pw_gid}", "--clear-groups", *words]
    done = subprocess.run(words, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout.decode(errors="replace")
