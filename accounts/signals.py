"""What accounts tells the apps above it, inside the transaction that changed it."""

from django.dispatch import Signal

# what is kept of these patients goes for good: argument patient_ids
patients_forgotten = Signal()

# a way to reach somebody was stopped: arguments channel, at
channel_stopped = Signal()

# a way to reach a patient was turned on by them: arguments channel, at
channel_started = Signal()

# nobody writes to this address any more, whoever has it: arguments kind, address, at; once in each clinic
address_stopped = Signal()

# the same browser is another phone of its patient from now on: arguments before and now, both a Device
phone_replaced = Signal()

# a patient took back their yes to the app, or said yes anew after that: arguments patient, given (which of the two), at
app_consent_changed = Signal()

# something has to reach a patient that they, or staff for them, asked for: arguments patient, token, kind
# ("code", "invitation", "notice", "nudge", "test" or "set_up"), channel (a Channel), at; and `to`, an address, when it is
# not that of the channel any more
message_wanted = Signal()

# a patient wants a copy of all that is kept of them: arguments patient, at. Each receiver returns a list of
# accounts.copies.Section, in words that the patient can read
copy_wanted = Signal()

# a patient asks the clinic to delete what it keeps of them: arguments patient, at, and number: their first time is
# 1. Not again before the clinic is done with the last one: see accounts.services.note_deletion_seen
deletion_wanted = Signal()
