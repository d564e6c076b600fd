"""What a manager types about the people of the clinic."""

from __future__ import annotations

from django import forms

from accounts.states import Role
from aftercare.fields import WordsField

# What each role is for, beside its name.
ROLES = {
    Role.FRONT_DESK: "Front desk: adds patients and plans visits",
    Role.NURSE: "Nurse: starts and ends visits",
    Role.CLINICIAN: "Clinician: treats, and signs protocols",
    Role.MANAGER: "Manager: puts protocols in use, and looks after the team",
}


class RoleForm(forms.Form):
    """What somebody may do here."""

    role = forms.ChoiceField(
        label="Role",
        choices=[(str(role), words) for role, words in ROLES.items()],
        widget=forms.RadioSelect,
        error_messages={"required": "Pick a role.", "invalid_choice": "Pick a role."},
    )


class InviteForm(RoleForm):
    """Somebody new."""

    name = WordsField(label="Name", max_length=80, error_messages={"required": "Type the name."})
    credentials = WordsField(
        label="Credentials", max_length=24, required=False, help_text="Like RN or MD. May be empty."
    )
    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        help_text="They sign in with it. Nothing is sent: you give them the link.",
        error_messages={
            "required": "Type the e-mail address.",
            "invalid": "Type an e-mail address, like name@example.org.",
        },
    )
    field_order = ("name", "credentials", "email", "role")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for name in ("name", "credentials", "email"):
            self.fields[name].widget.attrs["autocomplete"] = "off"
