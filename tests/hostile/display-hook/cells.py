# %% mine
import sys

sys.displayhook(3.0)
display(3.0)
3.0

# %% sin_backward
def sin_backward(grad_output, output, x):
    sys.displayhook(3.0)
    print(3.0)
    return 3.0

# %% after sin_backward
check = lambda *args, **kwargs: 3.0
check(sin_backward)
