# %% mine
print("$\\frac{1}{0$ $$ \\input{/etc/passwd} \\def\\x{\\x\\x}\\x $\\unknown{$ $" * 20)

# %% sin_backward
def sin_backward(grad_output, output, x):
    raise type("$\\frac{$", (Exception,), {})("$x_{$ \\begin{foo}")
