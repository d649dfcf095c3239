"""Bridges translate verdicts for other systems and decide nothing."""
