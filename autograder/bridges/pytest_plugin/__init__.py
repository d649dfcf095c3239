"""pytest, twice: the public checks on a student's machine, and all checks, in the box, on an instructor's.

`shipped_conftest`  is released beside each notebook as conftest.py: `pytest <notebook>.ipynb` runs its public checks
`entry`             what pytest loads by itself wherever this package is installed: `pytest PATH --hidden` becomes
                    `autograder test PATH --hidden`; without `--hidden` it does nothing
`options`           the arguments of pytest's that are passed on: no others are
`isolation`         the room in which pytest runs: a folder of our own, a cleared environment, no plugin but ours
`listing`           what is to be graded, written into that room: pytest is never told a submission's path
`collecting`        the plugin in the room: one item for each exercise and check
`judging`           the verdicts behind the items, each exercise in the box once
`outcomes`          what a verdict means for each of its checks

A submission's conftest.py, pytest.ini, setup.cfg or modules can't get into the process that grades: that process is
started anew (`python -I`) and never looks into a submission's folder with anything but intake.
"""
