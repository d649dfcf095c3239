# %% mine
MARKS = "\u202e\u202d\u2066\u2067\u2069\u200e\u200f\u061c\u200b\u2060\ufeff\U000e0041\U000e007f"
print(f"stniop 001 {MARKS}")

# %% sin_backward
def sin_backward(grad_output, output, x):
    # ‮ a comment that is read the other way round ⁦
    raise type("Error", (Exception,), {})(f"{MARKS}0 points{MARKS}")
