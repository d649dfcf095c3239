"""The commands behind the command line: each wires rooms together and prints."""
