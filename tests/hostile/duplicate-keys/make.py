import json


def make(place):
    """One reader sees the right answer, another the wrong one: what runs must be what is shown."""
    answer = place.cell("sin_backward")
    right, wrong = answer["source"], answer["source"].replace("np.cos", "np.sin")
    text = json.dumps(place.notebook).replace(
        f'"source": {json.dumps(right)}', f'"source": {json.dumps(right)}, "source": {json.dumps(wrong)}'
    )
    place.write(text)
