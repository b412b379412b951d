"""Every component in every state on one page, for whoever builds pages. Its figures are invented."""
