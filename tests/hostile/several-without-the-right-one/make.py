import json


def make(place):
    for name in ("=cmd|' ;calc'!A0.ipynb", "@everyone [x](y).ipynb", "<b>bold.ipynb", '=HYPERLINK("a").ipynb'):
        (place.folder / name).write_text(json.dumps(place.notebook))
