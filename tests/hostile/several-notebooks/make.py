import json


def make(place):
    place.write()
    right = json.dumps(place.notebook).replace("np.sin(x)", "np.cos(x)")
    for name in ("final.ipynb", "rules-final.ipynb"):
        (place.folder / name).write_text(right)
