"""``python -I -m autograder``: the command line."""

import sys

if __name__ == "__main__":
    try:
        from autograder.cli import main

        main()
    except KeyboardInterrupt:  # before the command line could say a word about it itself
        sys.stderr.write("Stopped by SIGINT.\n")
        sys.exit(130)
