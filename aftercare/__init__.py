"""The project: wiring, and the few helpers every app shares. Imports no app."""

from aftercare.celery import app as celery_app

__all__ = ["celery_app"]
