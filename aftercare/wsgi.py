"""The web process: one WSGI application, started only as a role that can't bypass the clinics' walls."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application
from django.db import connection

from aftercare.bounds import Door
from aftercare.roles import refuse_owner
from aftercare.starting import refuse_wrong_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aftercare.settings")

application = Door(get_wsgi_application())
refuse_wrong_settings()
refuse_owner(connection)
