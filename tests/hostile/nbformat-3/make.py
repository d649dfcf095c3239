def make(place):
    cells = []
    for cell in place.notebook["cells"]:
        old = {"cell_type": cell["cell_type"], "metadata": cell["metadata"]}
        if cell["cell_type"] == "code":
            old |= {"input": cell["source"].splitlines(keepends=True), "language": "python", "prompt_number": 1, "outputs": []}
        else:
            old["source"] = cell["source"]
        cells.append(old)
    place.write({"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]})
