"""`python -m tests.journal.shredding --patients 20 --texts 10`: what backups open after a deletion and a rotation.

A PostgreSQL of its own, real pg_dump and pg_restore. One line of JSON; 1 when something opens that must not, or the reverse.
"""

from __future__ import annotations

import argparse
import json
import os
import sys

import django
from django.utils.module_loading import import_string

from tests.chaos.stage import Stage
from tests.journal.rings import NEW, OLD

MOST = 500


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.journal.shredding", description=__doc__)
    parser.add_argument("--patients", type=int, default=20)
    parser.add_argument("--texts", type=int, default=10, help="of each")
    told = parser.parse_args()
    if not (2 <= told.patients <= MOST and 1 <= told.texts <= MOST):
        parser.error(f"--patients is 2 to {MOST}, --texts 1 to {MOST}")
    stage = Stage(has_valkey=False, env={"JOURNAL_KEYS": OLD})
    try:
        stage.start_stores()
        os.environ |= stage.env | {"DJANGO_SETTINGS_MODULE": "aftercare.settings"}
        django.setup()
        prove = import_string("tests.journal.proofs.prove_shredding")  # by name: models exist only now
        found = prove(stage.folder, patients=told.patients, texts=told.texts, old=OLD, new=NEW)
    finally:
        stage.stop()
    print(json.dumps(found))
    return 0 if found["holds"] else 1


if __name__ == "__main__":
    sys.exit(main())
