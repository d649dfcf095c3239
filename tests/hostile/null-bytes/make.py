def make(place):
    source = place.cell("sin_backward")["source"]
    place.cell("sin_backward")["source"] = source.replace("return", "ret\0urn")
    place.cell("essay-why")["source"] = "\0" * 100
    place.write()
