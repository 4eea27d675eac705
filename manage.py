#!/usr/bin/env python
"""Django's command line for Mesh Gallery."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meshgallery.settings")
    from django.core.management import execute_from_command_line

    from meshgallery.env import WrongSetting

    try:
        execute_from_command_line(sys.argv)
    except WrongSetting as error:
        sys.exit(f"Wrong setting: {error}")


if __name__ == "__main__":
    main()
