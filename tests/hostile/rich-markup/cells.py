# %% sin_backward
def sin_backward(grad_output, output, x):
    raise type("Error[/foo]", (Exception,), {})("not " + "[/fo" + "o] [li" + "nk=https://example.org]x[/link] :smile: [bold")
