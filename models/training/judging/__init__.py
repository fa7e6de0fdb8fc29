"""What a detector is worth: on test pictures, on kinds never seen, and what may stand behind it."""
