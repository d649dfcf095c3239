def make(place):
    place.write()
    deep = place.folder
    for _ in range(50):
        deep = deep / "deeper"
    deep.mkdir(parents=True)
    for number in range(5_100):
        (place.folder / f"{number}.txt").touch()
