"""The box's entry point: `python -m autograder.untrusted numpy|torch once|warm`, with a channel as standard input."""

import gc
import sys

gc.disable()  # what is imported stays: to look through it again and again for what does not takes a tenth of the time

from autograder.untrusted import host, nursery  # noqa: E402

kind, life = sys.argv[1:]
(nursery.main if life == "warm" else host.main)(torch=kind == "torch")
