"""The staff's pages, by noun: the board, patients, treatments, protocols, and the way in."""
