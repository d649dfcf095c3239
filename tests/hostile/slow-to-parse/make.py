from tests.grading.notebooks import cell


def make(place):
    for number, source in enumerate((
        "x = " + "-" * 240_000 + "1",
        "x = " + "(" * 240_000,
        "x = [" + "[]," * 80_000 + "]",
        "x = " + "1+" * 120_000 + "1",
        "x" + " if x else x" * 20_000,
    )):  # fmt: skip
        place.notebook["cells"].insert(1, cell("code", f"slow-{number}", source))
    place.write()
