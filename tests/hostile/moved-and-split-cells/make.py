def make(place):
    cells = place.notebook["cells"]
    answer = place.cell("sin_backward")
    cells.remove(answer)
    cells.insert(1, answer)
    place.cell("exp_backward")["cell_type"] = "markdown"
    cells.remove(place.cell("given-imports"))
    cells[0]["source"] += "\n\n# a comment at the end"
    place.write()
