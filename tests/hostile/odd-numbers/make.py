import json


def make(place):
    place.notebook["metadata"] |= {"a": "NUMBER-1", "b": "NUMBER-2", "c": "NUMBER-3", "d": "NUMBER-4"}
    place.cell("sin_backward")["execution_count"] = "NUMBER-2"
    text = json.dumps(place.notebook)
    for number, token in enumerate(("NaN", "9" * 10_000, "-Infinity", "1e400"), start=1):
        text = text.replace(f'"NUMBER-{number}"', token)
    place.write(text)
