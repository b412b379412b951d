"""Any figure, explained: from its formula down to the lines, minutes and bill rows that it was made of."""
