from tests.grading.notebooks import cell


def make(place):
    """Tokens are looked at again for each of the lines, and each ends in an error behind the last."""
    source = "%time\n" + "a = !ls\n" * 3_500 + "(\n"
    place.notebook["cells"].insert(1, cell("code", "slow", source))
    place.write()
