import os


def make(place):
    """Only somebody who can write to the instructor's folder can do this: it must not end the run."""
    os.link(place.course.solutions / "rules" / "rules.ipynb", place.path)
