"""The public halves of the exercises, one file per assignment. A release ships its own assignment's file only."""
