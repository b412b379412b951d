-- "Up to when is everything attributed?" is asked by every page: from the newest hour backwards.
CREATE INDEX attribution_window_by_hour ON attribution_window (hour);
