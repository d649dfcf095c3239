def make(place):
    for name, evil in (
        ("given-imports", "../../../../gradebook.db"),
        ("multiplications-check", "__proto__"),
        ("essay-why", "exp_backward"),
    ):
        cell = place.cell(name)
        cell["id"] = evil
        cell["metadata"]["nbgrader"]["grade_id"] = evil
    place.write()
