def make(place):
    for version, name in enumerate(("exp_backward-check", "sin_backward-check", "multiplications-check")):
        place.cell(name)["metadata"]["nbgrader"]["schema_version"] = (1, 99, "three")[version]
    place.cell("essay-why")["metadata"]["nbgrader"] = {"schema_version": 2, "grade_id": ["essay-why"], "grade": "yes"}
    place.write()
