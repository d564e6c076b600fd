"""What prompts tells the apps above it. Receivers run outside any clinic's transaction and find the clinic themselves.

What one raises is logged and ends there. Texts and reports come as they like: twice, late, in any order.
"""

from django.dispatch import Signal

# somebody texted us, and it was no STOP: arguments from_number, body (both as the provider has them), at. A receiver that
# knows what it means returns words: the first that are not empty answer the text
text_arrived = Signal()

# the provider says what became of a message: arguments key ("" when it is not known), provider_id ("" likewise), at, and
# status, which is one of prompts.states.Report
delivery_reported = Signal()
