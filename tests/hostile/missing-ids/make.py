def make(place):
    for cell in place.notebook["cells"]:
        del cell["id"]
        cell["metadata"] = {}
    place.notebook["nbformat_minor"] = 2
    place.write()
