import json


def make(place):
    place.write(json.dumps(place.notebook["cells"]))
