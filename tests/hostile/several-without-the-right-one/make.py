import json


def make(place):
    for name in ("=cmd|' ;calc'!A0.ipynb", "@everyone [x](y).ipynb", "<b>bold.ipynb", '=HYPERLINK("a").ipynb'):
        cells = [*place.notebook["cells"], {"cell_type": "code", "id": "mine", "metadata": {}, "source": f"# {len(name)}"}]
        (place.folder / name).write_text(json.dumps({**place.notebook, "cells": cells}))
