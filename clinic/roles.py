"""Which staff may do what. The front desk books; nurses and clinicians treat; clinicians sign; managers publish."""

from accounts.states import Role

EVERYONE = frozenset(Role)
BOOKS = frozenset({Role.FRONT_DESK, Role.NURSE, Role.CLINICIAN, Role.MANAGER})
TREATS = frozenset({Role.NURSE, Role.CLINICIAN})
EDITS_PROTOCOLS = frozenset({Role.CLINICIAN, Role.MANAGER})
SIGNS = frozenset({Role.CLINICIAN})
