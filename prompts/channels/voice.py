"""Phone calls by Twilio's REST interface, of the same account as the texts."""

from __future__ import annotations

from prompts.channels.sending import Sending
from prompts.channels.sms import Account
from prompts.channels.twiml import spoken
from prompts.words import Message

# "completed" comes for every end, busy and unanswered calls included. An answering machine answers too.
_REPORTS = ["answered", "completed"]


class VoiceChannel(Account):
    """Calls that say what the text of a message says."""

    def send(self, *, to: str, message: Message, key: str = "") -> Sending:
        """One try, as for a text. Accepted means that it will be dialled, not that anybody heard it."""
        form = {"To": to, "From": self._sender, "Twiml": spoken(message.text), "StatusCallbackEvent": _REPORTS}
        return self._post("Calls", form, key=key)
