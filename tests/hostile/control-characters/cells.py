# %% mine
ALL = "".join(map(chr, [*range(32), *range(127, 160), 0xFEFF, 0xFFFE, 0xFFFF, 0x2028, 0x2029]))
print("\x1b]0;graded\x07\x1b[32m100 points\x1b[0m\x1b[2J\x1b[1;1H\x9b31m", ALL, "a\b\b\bb\rc")
raise RuntimeError(f"\x1b[8m{ALL}")

# %% sin_backward
def sin_backward(grad_output, output, x):
    print(f"\x1b[31m{ALL}")
    raise type("Red\x1b[31mError\x00", (Exception,), {})(ALL)
