"""The drivers: the ways in which the host can put an exercise to the student's code, by name."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.untrusted.drivers._stage import Driver, Stage
from autograder.untrusted.drivers.call import call
from autograder.untrusted.drivers.read import read

DRIVERS: Mapping[str, Driver] = {"call": call, "read": read}

__all__ = ["DRIVERS", "Driver", "Stage"]
