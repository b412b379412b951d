"""The parts that pages are made of: how figures are written, what tables and drawings consist of."""
