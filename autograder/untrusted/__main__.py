"""The box's entry point: `python -m autograder.untrusted numpy|torch`, with the channel as standard input."""

import sys

from autograder.untrusted.host import main

main(torch=sys.argv[1:] == ["torch"])
