"""Tools for authors: the proof of a course, and what begins a new one. None of it is on the way of a grade."""
