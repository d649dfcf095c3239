# %% mine
!pip install numpy matplotlib
%pip install -q scipy
!ls && echo done
files = !ls

# %% sin_backward
!pip install numpy
def sin_backward(grad_output, output, x):
    return grad_output * np.cos(x)
