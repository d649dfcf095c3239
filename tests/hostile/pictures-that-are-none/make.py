import base64

SCRIPT = base64.b64encode(b"<script>alert(1)</script>").decode()
SVG = base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>").decode()
ESSAY = f"""My words.

![gone](attachment:gone.png) ![up](attachment:../../../etc/passwd) ![](attachment:__proto__)
![html](attachment:page.png) <img src="attachment:page.png" onerror="alert(1)"> ![svg](attachment:drawing.svg)
![inline](data:image/png;base64,{SCRIPT}) ![broken](data:image/png;base64,!!!!) ![link](javascript:alert(1))
![label][1]

[1]: data:image/svg+xml;base64,{SVG}
"""
ATTACHMENTS = {
    "page.png": {"image/png": SCRIPT, "text/html": "<script>alert(1)</script>"},
    "drawing.svg": {"image/svg+xml": SVG},
    "numbers": {"image/png": 7},
    "no bundle": 7,
}


def make(place):
    for name in ("essay-why", "text-opening"):
        cell = place.cell(name)
        cell["source"], cell["attachments"] = ESSAY.replace("javascript:alert(1)", "x"), ATTACHMENTS
    place.notebook["cells"].append(
        {"cell_type": "markdown", "id": "mine", "metadata": {}, "source": "![](attachment:x)", "attachments": [[]]}
    )
    place.write()
