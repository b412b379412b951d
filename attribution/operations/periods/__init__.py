"""Steps of a period: asked for by one person, decided by another."""
