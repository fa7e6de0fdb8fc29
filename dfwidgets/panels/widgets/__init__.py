"""Small widgets, each beside its script."""
