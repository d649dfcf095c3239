import json


def make(place):
    place.cell("essay-why")["source"] = "BYTES"
    place.write(b"\xef\xbb\xbf" + json.dumps(place.notebook).encode().replace(b"BYTES", b"\xff\xfe caf\xe9"))
