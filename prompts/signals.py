"""What prompts tells the apps above it. Receivers run outside any clinic's transaction and find the clinic themselves.

What one raises is logged and ends there. Texts and reports come as they like: twice, late, in any order.
"""

from django.dispatch import Signal

# somebody texted us, and it was no STOP: arguments from_number, body (both as the provider has them), at. A receiver that
# knows what it means returns words: the first that are not empty answer the text
text_arrived = Signal()

# somebody whom a clinic knows texted words that a person has to read: arguments patient, escort (None when it was the
# patient), reply_id, is_danger (the words may be those of somebody in danger) and at. Sent inside the transaction of that
# clinic in which the words are kept: what a receiver raises undoes them
reply_left = Signal()

# the provider says what became of a message: arguments key ("" when it is not known), provider_id ("" likewise), at, and
# status, which is one of prompts.states.Report
delivery_reported = Signal()
