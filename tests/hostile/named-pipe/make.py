import os


def make(place):
    os.mkfifo(place.path)
