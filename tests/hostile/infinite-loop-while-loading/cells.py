# %% mine
while True:
    pass
