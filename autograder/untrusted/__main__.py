"""The box's entry point: `python -m autograder.untrusted numpy|torch once|few|many [walled]`, the channel on stdin."""

import gc
import sys

gc.disable()  # what is imported stays: to look through it again and again for what does not takes a tenth of the time

from autograder.untrusted import host, nursery  # noqa: E402

kind, life, *walled = sys.argv[1:]
if life != "once":
    nursery.main(torch=kind == "torch", many=life == "many")
host.main(torch=kind == "torch", walled=bool(walled))
