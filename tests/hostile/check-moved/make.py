def make(place):
    cells = place.notebook["cells"]
    for name in ("sin_backward-check", "multiplications-check"):
        check = place.cell(name)
        cells.remove(check)
        cells.insert(0, check)
    cells.remove(place.cell("exp_backward-check"))
    place.write()
