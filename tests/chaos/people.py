"""`python -m tests.chaos.people --patients 200`: two clinics with people on duty, and patients whose visits go on.

Prints one line of JSON: the cookie of each patient's phone, bound as in the clinic, one patient after another.
"""

from __future__ import annotations

import argparse
import json
import os
import sys

import django
from django.utils.module_loading import import_string


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.people", description=__doc__)
    parser.add_argument("--patients", type=int, required=True)
    told = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "aftercare.settings"
    django.setup()
    fill = import_string("tests.chaos.filling.fill")  # by name: models exist only now
    print(json.dumps(fill(told.patients)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
