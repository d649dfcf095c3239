BELOW = """
reverse_multiplications = 50 * 100 + 100 * 300 + 300 * 200
forward_multiplications = 100 * 300 * 200 + 50 * 100 * 200 + 50 * 200
"""


def make(place):
    place.cell("multiplications")["source"] = "reverse_multiplications = 1\nforward_multiplications = 2"
    place.cell("multiplications-check")["source"] += BELOW
    place.write()
