"""Canvas and Moodle: their downloads into ``submitted/``, and the gradebook out in the files that they import.

In: `archive` opens a download safely, `shapes` reads the LMS's file names, `roster` says who is who, `sorting` decides
what is taken, `receipts` remembers it. Out: `grades` reads the gradebook, `canvas`, `moodle` and `plain` write a file
each (cells by `sheet`), `export` chooses, and `plugins` lets `nbgrader export` do the same.
"""
