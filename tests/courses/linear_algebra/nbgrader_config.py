"""nbgrader's configuration: its commands, run in this folder, grade, release and show this course. See docs/."""

from autograder.bridges.nbgrader.config import configure

configure(get_config(), __file__)  # noqa: F821 - nbgrader provides it
