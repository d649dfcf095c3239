import json


def make(place):
    place.cell("sin_backward")["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": "@@"},
        {"output_type": "display_data", "metadata": {}, "data": {"application/json": [[[]], {"a": {"b": [1, 2]}}]}},
    ]
    head, _, tail = json.dumps(place.notebook).partition("@@")
    with place.path.open("w") as stream:
        stream.write(head)
        for _ in range(150):
            stream.write("0123456789" * 100_000)
        stream.write(tail)
