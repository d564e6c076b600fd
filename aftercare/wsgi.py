"""The web process: one WSGI application, started only as a role that can't bypass the clinics' walls."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application
from django.db import connection

from aftercare.roles import refuse_owner

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aftercare.settings")

application = get_wsgi_application()
refuse_owner(connection)
