import sqlite3


def make(place):
    place.write()
    connection = sqlite3.connect(place.folder / "gradebook.db")
    connection.execute("CREATE TABLE grade (id TEXT, manual_score REAL, auto_score REAL)")
    connection.execute("INSERT INTO grade VALUES ('1', 100, 100)")
    connection.commit()
    connection.close()
