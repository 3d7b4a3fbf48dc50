"""``python -m whimbrel``: the same as the ``whimbrel`` command."""

import sys

from whimbrel.cli import main

if __name__ == "__main__":
    sys.exit(main())
