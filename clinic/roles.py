"""Which staff may do what. The front desk books; nurses and clinicians treat; clinicians sign; managers publish, and
look after the team."""

from accounts.states import Role
from timeline.services import MAY_PUBLISH, MAY_SIGN

BOOKS = frozenset({Role.FRONT_DESK, Role.NURSE, Role.CLINICIAN, Role.MANAGER})
TREATS = frozenset({Role.NURSE, Role.CLINICIAN})
EDITS_PROTOCOLS, SIGNS = MAY_PUBLISH, MAY_SIGN
MANAGES = frozenset({Role.MANAGER})
