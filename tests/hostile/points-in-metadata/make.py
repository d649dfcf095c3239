def make(place):
    for cell in place.notebook["cells"]:
        flags = cell["metadata"].get("nbgrader")
        if flags:
            flags["points"] = 1000
    place.cell("sin_backward")["metadata"]["nbgrader"] |= {"grade": True, "points": 1e9}
    place.cell("exp_backward-check")["metadata"]["nbgrader"]["points"] = 0
    place.write()
