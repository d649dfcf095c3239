"""nbgrader, natively: its own commands grade through our pipeline, and ours write what its commands would have written.

`config` is what `nbgrader_config.py` calls. `exporter` lets a submission in, `preprocessors` grade it, `sanitise` keeps
its Markdown from running scripts; `release` and `register` are `make release` and `make register`; `exchange` collects
and releases feedback on nbgrader's local exchange.
"""
