"""The game's panel and its parts."""
