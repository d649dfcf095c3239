def make(place):
    place.notebook["metadata"] = ["kernelspec"]
    place.cell("exp_backward")["source"] = {"def": 1}
    place.cell("sin_backward")["source"] = place.cell("sin_backward")["source"].splitlines(keepends=True)
    place.cell("sin_backward")["metadata"] = "none"
    place.cell("multiplications")["outputs"] = {"text": 7}
    place.cell("multiplications")["execution_count"] = "\x1b[31m"
    place.notebook["cells"] += [None, 7, "cell", [], {}, {"cell_type": ["code"], "source": 3.5, "id": {}}]
    place.write()
