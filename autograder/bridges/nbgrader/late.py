"""Late penalties on the fast path: the plugin that nbgrader_config.py names, as `nbgrader autograde` would ask it."""

from __future__ import annotations

from typing import cast

from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.grading.course import Course
from autograder.grading.gradebook import Penalty

CONFIG_FILE = "nbgrader_config.py"


def late_penalty(course: Course) -> Penalty | None:
    """What being late costs in ``course``; None where its configuration says nothing about that: then it is free."""
    if not (course.root / CONFIG_FILE).is_file():
        return None
    config = PyFileConfigLoader(CONFIG_FILE, path=str(course.root)).load_config()
    if "LateSubmissionPlugin" not in config and "AssignLatePenalties" not in config:
        return None
    return _plugin(config)


def _plugin(config: Config) -> Penalty:
    from nbgrader.preprocessors import AssignLatePenalties  # seconds of import, for courses with penalties only

    assigning = AssignLatePenalties(config=config)
    assigning.init_plugin()
    return cast(Penalty, assigning.plugin_inst.late_submission_penalty)
