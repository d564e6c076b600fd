"""The app's name."""

from django.apps import AppConfig


class TimelineConfig(AppConfig):
    name = "timeline"
