"""`python -m tests.mutants`."""

import sys

from tests.mutants.command import main

sys.exit(main())
