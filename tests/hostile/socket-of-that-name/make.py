import os
import socket


def make(place):
    here = os.getcwd()
    os.chdir(place.folder)  # the path of a socket is short
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(place.file)
    finally:
        os.chdir(here)
