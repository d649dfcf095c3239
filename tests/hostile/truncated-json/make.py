import json


def make(place):
    whole = json.dumps(place.notebook)
    place.write(whole[: len(whole) // 2])
