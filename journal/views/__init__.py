"""The pages of private words, by what they are for."""
