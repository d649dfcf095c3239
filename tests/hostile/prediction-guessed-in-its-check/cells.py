# %% multiplications
reverse_multiplications = 1
forward_multiplications = 2

# %% multiplications-check
check("multiplications", reverse_multiplications=reverse_multiplications, forward_multiplications=forward_multiplications)
reverse_multiplications = 50 * 100 + 100 * 300 + 300 * 200
forward_multiplications = 100 * 300 * 200 + 50 * 100 * 200 + 50 * 200
