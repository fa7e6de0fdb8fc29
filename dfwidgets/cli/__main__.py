"""`python -m dfwidgets.cli`, where the command itself is not on the path."""

import sys

from dfwidgets.cli import main

sys.exit(main())
