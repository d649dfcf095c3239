def make(place):
    place.write()
    place.path.rename(place.folder / "rules (1) final.ipynb")
