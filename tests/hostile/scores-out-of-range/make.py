def make(place):
    claims = {"exp_backward-check": "-5.0", "sin_backward-check": "1e999", "multiplications-check": "nan"}
    for name, claim in claims.items():
        output = {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": claim}}
        place.cell(name)["outputs"] = [output]
        place.cell(name)["metadata"]["nbgrader"]["points"] = float(claim)
    place.write()
