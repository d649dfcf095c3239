# %% mine
import matplotlib.pyplot as plt

plt.plot([1, 2, 3])
plt.title("$x^2$")
plt.savefig("plot.png")
plt.show()

# %% after exp_backward
import pandas as pd
import seaborn

# %% sin_backward
import matplotlib.pyplot as plt


def sin_backward(grad_output, output, x):
    return grad_output * np.cos(x)
