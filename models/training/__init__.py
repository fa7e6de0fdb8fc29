"""How the shipped model came to be: making it, judging it, showing what it is worth."""
