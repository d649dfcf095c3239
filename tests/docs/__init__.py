"""The documents say what is true: their commands run, their links and paths lead somewhere."""
