"""Reports: terminal table, feedback page, class page."""
