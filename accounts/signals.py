"""What accounts tells the apps above it, inside the transaction that changed it."""

from django.dispatch import Signal

# a way to reach somebody was stopped: arguments channel, at
channel_stopped = Signal()
