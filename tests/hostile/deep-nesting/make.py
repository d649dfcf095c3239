import json


def make(place):
    place.notebook["metadata"]["deep"] = "DEEP"
    place.write(json.dumps(place.notebook).replace('"DEEP"', "[" * 10_000 + "]" * 10_000))
