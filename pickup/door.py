"""The door word: what an escort says at the clinic's door, and how it is heard. No Django."""

from __future__ import annotations

import hashlib
import hmac

# Plain, calm, easy to say and to hear apart; none of them tells of anything, and none stands on a page of the staff.
WORDS = (
    "acorn", "amber", "anchor", "apple", "apron", "arrow", "aspen", "autumn", "badge", "bagel", "bamboo", "banjo", "barley",
    "basil", "basket", "beacon", "berry", "birch", "biscuit", "blanket", "bonnet", "branch", "bread", "bridge",
    "brook", "bucket", "button", "cabin", "cactus", "candle", "canoe", "carpet", "carrot", "castle", "cedar",
    "cello", "chalk", "cherry", "cinnamon", "clover", "coconut", "comet", "copper", "coral", "cotton", "cradle", "crayon",
    "cricket", "crystal", "curtain", "daisy", "dolphin", "domino", "donkey", "dragon", "drawer", "eagle", "easel", "ember",
    "engine", "falcon", "feather", "fern", "fiddle", "flannel", "forest", "fossil", "fountain", "garden", "garlic", "ginger",
    "glacier", "glove", "goose", "granite", "grape", "guitar", "hammock", "harbor", "harvest", "hazel", "hedge", "helmet",
    "heron", "honey", "horizon", "igloo", "island", "ivory", "jacket", "jasmine", "jigsaw", "juniper", "kettle", "kitten",
    "ladder", "lagoon", "lantern", "laurel", "lavender", "lemon", "lettuce", "lilac", "linen", "lizard", "lobster", "magnet",
    "mango", "maple", "marble", "market", "meadow", "melon", "mirror", "mitten", "morning", "mountain", "muffin", "mustard",
    "napkin", "needle", "nettle", "nickel", "noodle", "nutmeg", "oatmeal", "olive", "onion", "orange", "orchard", "otter",
    "oyster", "paddle", "panda", "parrot", "peach", "peanut", "pebble", "pelican", "pencil", "penguin", "pepper",
    "pickle", "pigeon", "pillow", "planet", "plum", "pocket", "pond", "poppy", "potato", "prairie", "pumpkin", "puzzle",
    "quartz", "quilt", "rabbit", "radish", "raisin", "raven", "ribbon", "river", "robin", "rocket", "rosemary", "saddle",
    "saffron", "sailor", "salmon", "sandal", "satin", "saturn", "scarf", "shadow", "shell", "silver", "sparrow", "spider",
    "spinach", "sponge", "squirrel", "stable", "summer", "sunset", "swan", "table", "teapot", "thimble", "thunder",
    "tiger", "timber", "tomato", "trumpet", "tulip", "tunnel", "turtle", "umbrella", "valley", "vanilla", "velvet", "village",
    "violet", "violin", "wagon", "walnut", "walrus", "whistle", "willow", "winter", "wizard", "wombat", "yellow",
    "yogurt", "zebra", "zipper",
)  # fmt: skip


def door_word(key: str, *, link: str) -> str:
    """The word of one link: worked out from `key`, which no table holds, and the link's id."""
    number = int.from_bytes(hmac.new(key.encode(), f"door word:{link}".encode(), hashlib.sha256).digest())
    return WORDS[number % len(WORDS)]


def is_door_word(typed: str, word: str) -> bool:
    """Whether this is the word as somebody heard and typed it: case, spaces and marks don't count."""
    heard = "".join(char for char in typed.casefold() if char.isalpha())
    return hmac.compare_digest(heard.encode(), word.encode())
