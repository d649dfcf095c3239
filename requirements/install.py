"""Make an environment from the lock beside this file, or bring one up to date.

    python requirements/install.py .venv grade test --project .
    python requirements/install.py ../environment grade --torch none

The standard library of Python 3.11 is all it needs. The groups are the files beside it: grade, test, lint, lab,
cluster. Packages come by uv, which is locked like any other; where it can't be had, by pip. torch comes second: its CPU
build has another hash than the index's. The project comes last, editable; without --project nothing of it is installed.

An environment is whole when the file STAMP in it says so. It is written last, and it names what was installed and
where. Whatever has no such file, or one that does not fit, is removed and made anew: an installation that was
interrupted may have left half a package, and an environment that was moved does not run. Downloads are kept by uv
and pip, so that the second time is fast.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "This course needs Python 3.11 or newer; {} is Python {}. Run it with a newer one, for example: "
        "make grade PYTHON=python3.11".format(sys.executable, sys.version.split()[0])
    )

import errno
import fcntl
import os
from contextlib import contextmanager

from explain import SetupError, of_the_system
from wanted import CPU, NONE, PURPOSE, Wanted


def main(arguments):
    """Set up what the command line names; the exit code."""
    wanted = Wanted(arguments)
    try:
        if wanted.is_whole():
            return 0
        if wanted.runs_inside() and not wanted.can_grow():
            _again_from_outside(wanted)
        with _alone(wanted) as lock:
            if not wanted.is_whole():  # another one may have made it meanwhile
                _set_up(wanted, lock)
    except SetupError as error:
        _say(str(error))
        return 1
    except OSError as error:
        _say(of_the_system(f"Setting up {wanted.named}", error))
        return 1
    except KeyboardInterrupt:
        _say(f"Interrupted: {wanted.named} is not whole. Run the same command again.")
        return 130
    return 0


def _again_from_outside(wanted):
    """Start anew with the Python that the environment was made with: the environment is about to be removed."""
    base = getattr(sys, "_base_executable", None) or ""
    if not os.access(base, os.X_OK) or os.path.dirname(base) == os.path.dirname(wanted.python):
        raise SetupError(
            f"{wanted.named} has to be made anew, and the Python that it was made with is gone. Name another one, for "
            "example: make grade PYTHON=python3.11"
        )
    sys.stderr.flush()
    os.execv(base, [base, os.path.abspath(__file__), *sys.argv[1:]])


@contextmanager
def _alone(wanted):
    """One set-up of an environment at a time: the second one waits. Gives the descriptor that holds the lock."""
    os.makedirs(os.path.dirname(wanted.environment), exist_ok=True)
    with open(wanted.environment + ".lock", "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EACCES):  # else a file system without locks
                _say(f"Another set-up of {wanted.named} is at work: waiting for it ...")
                fcntl.flock(file, fcntl.LOCK_EX)
        wanted.read()
        yield file.fileno()


def _set_up(wanted, lock):
    """Make the environment or add to it, and write the stamp."""
    from steps import Steps

    steps = Steps(wanted, lock)
    grows = wanted.can_grow()
    have = list(wanted.there["groups"]) if grows else []
    torch = wanted.torch or (wanted.there["torch"] if grows else CPU)
    missing = [name for name in wanted.groups if name not in have]
    _say(f"Setting up {wanted.named} (once): {', '.join(PURPOSE[name] for name in missing) or 'the project'} ...")
    broken_off = set(missing) & set(wanted.there.get("adding", ())) if grows else set()
    if not grows:
        steps.remove()
        wanted.read()
    if missing or not grows:
        wanted.begin(missing if grows else ())
    try:
        if not grows:
            steps.make_environment()
        steps.get_uv()
        if missing:
            steps.install_lock(missing, again=bool(broken_off))
        if torch != NONE and not grows:
            steps.install_torch(torch)
        if wanted.project:
            steps.install_project()
        steps.import_once([*missing, *(["torch"] if torch != NONE and not grows else [])])
        wanted.finish([*have, *missing], torch)
    except (SetupError, OSError):
        if not grows:  # else what was whole before is so still
            steps.remove()
        raise


def _say(text):
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
