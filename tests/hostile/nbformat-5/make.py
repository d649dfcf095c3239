def make(place):
    place.write({**place.notebook, "nbformat": 5, "nbformat_minor": -1})
