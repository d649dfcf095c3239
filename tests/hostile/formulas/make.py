def make(place):
    place.write()
