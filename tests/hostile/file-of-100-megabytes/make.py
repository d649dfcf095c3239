import os


def make(place):
    place.write()
    os.truncate(place.path, 100_000_000)
