# %% multiplications
reverse_multiplications = 1
forward_multiplications = 2

# %% after multiplications-check
reverse_multiplications = 50 * 100 + 100 * 300 + 300 * 200
forward_multiplications = 100 * 300 * 200 + 50 * 100 * 200 + 50 * 200
