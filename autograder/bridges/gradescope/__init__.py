"""Gradescope's autograder.zip: `build` packs it; `setup.sh` and `run_autograder` are what Gradescope runs from it."""
