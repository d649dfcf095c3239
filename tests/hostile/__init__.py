"""Attacks, one folder each, with what must hold; README.md says which class of attack is where."""
