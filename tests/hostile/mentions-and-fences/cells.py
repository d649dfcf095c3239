# %% mine
print("```\n@everyone @org/team #1 closes #2 | a | b |\n|---|---|\n<details open>\n![x](https://example.org/x.png)\n````")

# %% sin_backward
def sin_backward(grad_output, output, x):
    raise type("@everyone", (Exception,), {})("```\n# 100 points\n@everyone [x](https://example.org) ~~~")
