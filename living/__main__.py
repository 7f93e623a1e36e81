"""Lets `python -m living` be the same as `living`."""

from living.cli import main

if __name__ == "__main__":
    main()
