"""The pipeline: intake, box, judge, gradebook."""
