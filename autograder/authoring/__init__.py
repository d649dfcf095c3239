"""Tools for authors: the proof of a course, and what begins a new one. None of it is on the way of a grade.

* `verify`: the proof of an assignment, which asks `imports`, `notebooks`, `authorities`, `answers`, `mistakes` and
  `stored`; what is wrong is a list of `problems`, each with file, line and next step.
* `scaffold`: the files of a course, an assignment or an exercise, from the `examples`; `source` is a notebook in which
  cells are put.
* `packing`: a course as one zip.
"""
