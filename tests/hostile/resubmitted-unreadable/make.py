def before(place):
    place.write()


def make(place):
    place.write('{"cells": [')
