# %% sin_backward
def sin_backward(grad_output, output, x):
    numbers = repr(x.tolist()[:10])
    error = type(numbers[:60], (ValueError,), {})(numbers)
    error.add_note(numbers)
    raise error from RuntimeError(numbers)
