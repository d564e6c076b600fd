"""What accounts tells the apps above it, inside the transaction that changed it."""

from django.dispatch import Signal

# a way to reach somebody was stopped: arguments channel, at
channel_stopped = Signal()

# a way to reach a patient was turned on by them: arguments channel, at
channel_started = Signal()

# something has to reach a patient that they, or staff for them, asked for: arguments patient, token, kind
# ("code" or "invitation"), channel (a Channel), at
message_wanted = Signal()
