-- Some rows of a bill, as they stood in its files.
SELECT row_number, file, line, charge_period_start, charge_period_end, billing_currency, billed_cost,
       effective_cost, charge_category, coalesce(charge_class, ''), coalesce(charge_description, ''),
       coalesce(service_name, ''), coalesce(resource_id, ''), coalesce(resource_name, ''),
       coalesce(sub_account_id, ''), coalesce(sku_id, ''), consumed_quantity, coalesce(consumed_unit, '')
  FROM charge
 WHERE billing_period_start = %(period)s AND bill_id = %(bill)s AND row_number = ANY(%(rows)s)
 ORDER BY row_number
