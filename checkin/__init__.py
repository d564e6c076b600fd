"""How the patient is: check-ins, one question a page, and what an answer asks for."""
