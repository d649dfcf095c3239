"""Tests of the host in the box: cells, calls, drivers and what they report."""
