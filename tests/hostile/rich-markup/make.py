def make(place):
    place.write()
    (place.folder / "[bold red][@click=x]x.ipynb").write_text("{}")
