def make(place):
    place.path.mkdir()
    (place.path / "rules.ipynb").write_text("{}")
