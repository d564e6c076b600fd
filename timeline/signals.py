"""What a treatment tells the apps above it, inside the transaction that changed it. Receivers may raise: all rolls back."""

from django.dispatch import Signal

# hour 0 was set or corrected: arguments treatment, at
hour_zero_set = Signal()
# nothing more may be sent: arguments treatment, at
treatment_stopped = Signal()
# a page says what a planned visit will bring: arguments treatment, patient. A receiver returns a line in plain words, "" for
# nothing to say; it writes nothing
messages_foreseen = Signal()
# a reminder of the set-up is due: argument patient. A receiver returns whether it may go out; it writes nothing
reminder_wanted = Signal()
# a small step of the day was done, or that was taken back: arguments treatment, step (its key), is_done, at
step_done = Signal()
