"""`python -m inkread`, the same as the command `inkread`."""

from inkread.interfaces.cli import main

if __name__ == "__main__":
    main()
