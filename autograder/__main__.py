"""``python -I -m autograder``: the command line."""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "autograder needs Python 3.11 or newer; this is {}.{}. "
        "Install a newer Python and run `make clean grade PYTHON=python3.11`.".format(*sys.version_info[:2])
    )

from autograder.cli import main

if __name__ == "__main__":
    main()
