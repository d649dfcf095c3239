"""Tests of what both sides of the trust line know: the wire, the walls, the box."""
