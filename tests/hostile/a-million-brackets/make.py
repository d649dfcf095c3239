def make(place):
    place.write('{"cells": [' + "[]," * 1_000_000 + "[]]}")
