"""The box's entry point: `python -m autograder.untrusted numpy|torch once|warm`, with a channel as standard input."""

import sys

from autograder.untrusted import host, nursery

kind, life = sys.argv[1:]
(nursery.main if life == "warm" else host.main)(torch=kind == "torch")
