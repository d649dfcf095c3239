def make(place):
    error = {"output_type": "error", "ename": "NameError", "evalue": "name 'np' is not defined", "traceback": ["\x1b[31mx"]}
    picture = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "iVBORw0KGgo" * 200_000}}
    for name in ("exp_backward", "sin_backward", "sin_backward-check"):
        place.cell(name)["outputs"] = [error, picture]
        place.cell(name)["execution_count"] = 99
    place.write()
