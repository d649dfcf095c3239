"""A course on backpropagation and the grader that makes it trustworthy."""

__version__ = "0.1.0"
