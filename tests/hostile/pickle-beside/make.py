import os
import pickle


class Boom:
    def __init__(self, trophy):
        self.trophy = trophy

    def __reduce__(self):
        return os.system, (f"touch {self.trophy}/unpickled",)


def make(place):
    place.write()
    for name in (".OTTER_LOG", "rules.pkl", "__pycache__/rules.cpython-311.pyc", ".ipynb_checkpoints/rules-checkpoint.ipynb"):
        path = place.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(pickle.dumps(Boom(place.trophy)))
