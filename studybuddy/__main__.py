"""`python -m studybuddy COMMAND`."""

from studybuddy.cli import main

if __name__ == "__main__":
    main()
