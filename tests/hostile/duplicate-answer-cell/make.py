import copy


def make(place):
    answer = place.cell("sin_backward")
    skeleton = copy.deepcopy(answer)
    skeleton["source"] = 'def sin_backward(grad_output, output, x):\n    raise NotImplementedError("your answer here")'
    answer["id"] = "pasted"
    at = place.notebook["cells"].index(answer)
    place.notebook["cells"].insert(at, skeleton)
    place.write()
