"""One switch: inside the box, checks and pictures do nothing."""

quiet: bool = False
