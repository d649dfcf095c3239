"""Reports: the terminal table and the feedback page. They show verdicts and decide nothing."""
