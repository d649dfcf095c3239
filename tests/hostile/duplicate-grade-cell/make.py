import copy


def make(place):
    twice = copy.deepcopy(place.cell("sin_backward-check"))
    twice["id"] = "another"
    twice["metadata"]["nbgrader"]["points"] = 1000
    place.notebook["cells"] += [twice, copy.deepcopy(place.cell("exp_backward-check"))]
    place.write()
