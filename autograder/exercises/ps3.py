"""ps3, the private half: hidden cases, references and misconceptions of activations and losses."""

from __future__ import annotations

from autograder.exercises.declare import Exercise

EXERCISES: tuple[Exercise, ...] = ()
