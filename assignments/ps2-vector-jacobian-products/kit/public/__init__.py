"""What the exercises of this assignment ask."""
