"""Which staff may do what. The front desk books; nurses and clinicians treat; clinicians sign; managers publish, and
look after the team. Who treats, and managers, answer alerts."""

from accounts.states import Role
from alerts.queries import MAY_TAKE
from timeline.services import MAY_PUBLISH, MAY_SIGN

BOOKS = frozenset({Role.FRONT_DESK, Role.NURSE, Role.CLINICIAN, Role.MANAGER})
TREATS = frozenset({Role.NURSE, Role.CLINICIAN})
EDITS_PROTOCOLS, SIGNS = MAY_PUBLISH, MAY_SIGN
# An empty rota falls to the managers.
ANSWERS = frozenset(MAY_TAKE)
PLANS_DUTY = frozenset({Role.CLINICIAN, Role.MANAGER})
MANAGES = frozenset({Role.MANAGER})
