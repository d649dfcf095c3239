def before(place):
    place.cell("exp_backward")["source"] = "def exp_backward(grad_output, output, x):\n    return grad_output * output"
    place.cell("sin_backward")["source"] = "def sin_backward(grad_output, output, x):\n    return grad_output * np.cos(x)"
    place.write()


def make(place):
    gone = ("exp_backward-check", "sin_backward-check")
    place.notebook["cells"] = [cell for cell in place.notebook["cells"] if cell["id"] not in gone]
    place.write()
