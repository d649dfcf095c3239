import json


def make(place):
    place.write(json.dumps(place.notebook, ensure_ascii=False).encode("utf-16"))
