"""What a treatment tells the apps above it, inside the transaction that changed it. Receivers may raise: all rolls back."""

from django.dispatch import Signal

# hour 0 was set or corrected: arguments treatment, at
hour_zero_set = Signal()
# nothing more may be sent: arguments treatment, at
treatment_stopped = Signal()
