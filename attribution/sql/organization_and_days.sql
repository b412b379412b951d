-- Whose installation this is (nulls where nothing is declared yet), and the days with cost: one round trip.
SELECT o.id, o.name, o.reporting_time_zone, o.currency, o.unallocated_target, d.first, d.newest
  FROM days_with_cost() d LEFT JOIN organization o ON true
