"""CI services: one neutral account of what was graded, and one writer for each format.

`finding`      what a path holds: a notebook, a submission, a student's folder, a class
`results`      the account: own words, the student's words apart from them, places
`places`       cells and lines as lines of the notebook's file
`gradescope`, `junit`, `github`, `classroom50`, `markdown`   the formats

All text in the account is cut and without characters that act on what shows it; each writer escapes its own markup.
"""
