def make(place):
    place.write(b"")
