"""Ways out of the building: one module per provider protocol. Only prompts.services sends through them."""
