"""Tools for authors: the proof of a course, and what begins a new one. None of it is on the way of a grade.

problems      one thing that is wrong, with file, line and next step
imports       what each half of the content may import
notebooks     declarations and the cells of the notebooks say the same
authorities   the reference, PyTorch and finite differences agree
answers       mistakes are caught and told apart, right answers are right, cases are as they should be
verify        all of these, for one assignment
bank          how an exercise names its mistakes and right answers
source        a source notebook, read and given new cells
examples      what `autograder new` and `autograder init` write
packing       a course as one zip
"""
