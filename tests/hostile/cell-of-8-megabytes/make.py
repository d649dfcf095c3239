from tests.grading.notebooks import cell


def make(place):
    place.notebook["cells"].insert(1, cell("code", "large", "x = 1\n" * 1_400_000))
    place.write()
