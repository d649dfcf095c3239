"""A course is a folder: `course.toml` says what it is, `solutions/` holds its content. Nothing here names one."""
