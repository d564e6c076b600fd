"""What the engine of prompts costs, measured beside a plain loop for the same work."""
