import json


def make(place):
    place.cell("sin_backward")["source"] = "@@"
    head, _, tail = json.dumps(place.notebook).partition("@@")
    with place.path.open("w") as stream:
        stream.write(head)
        for _ in range(101):
            stream.write("0123456789" * 100_000)
        stream.write(tail)
