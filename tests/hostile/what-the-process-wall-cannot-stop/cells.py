# %% sin_backward
import json

for cell in json.load(open("@COURSE@/solutions/rules/rules.ipynb"))["cells"]:
    if cell["id"] == "sin_backward":
        exec(cell["source"])
