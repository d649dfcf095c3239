def make(place):
    cell = {"cell_type": "code", "metadata": {}, "source": "", "outputs": [], "execution_count": None}
    place.notebook["cells"] += [{**cell, "id": f"c{number}"} for number in range(3000)]
    place.write()
