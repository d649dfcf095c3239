"""Mutation testing of this project: small faults made by rule, and whether a test notices. `make mutants` runs it.

rules.py     what faults a file can have, and which of them a seed draws
trees.py     a copy of the checkout with an environment of its own
mapping.py   which tests run which line
running.py   one mutant: put it in, run its tests, take it out
plugin.py    what pytest loads for both
command.py   the command line, and the count of what was killed

Why no library: three were looked at (2026-12), and each fails at what is special here, that most of the code runs in
other processes. mutmut 3.8 puts all mutants of a function into its module and chooses one by an environment variable;
the box has an empty environment, so no mutant would ever be active in it, and Python started with `-I` would import
the checkout instead of mutmut's copy. cosmic-ray 8.7 changes the file, which would do, but it runs one test command for
all mutants (no choice by coverage, so hours instead of minutes), edits the checkout or needs a server for each clone,
and has no operators for conditions that are always true, deleted statements, dropped arguments and dropped flags.
mutatest 3.1 was last released in 2022, needs coverage.py below 6, runs one test command too, and puts its mutants into
the checkout's `__pycache__`. The rules are the smaller part: the map and the copies would have been ours with each.
"""
