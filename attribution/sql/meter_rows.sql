-- How many rows of current bills have these meters, the first column that says something, and from when to when.
-- The columns are those of `domain.recognition.USAGE_COLUMNS`, in their order.
SELECT b.source_id, c.billing_currency, m.meter, count(*), min(c.charge_period_start), max(c.charge_period_end)
  FROM bill b
  JOIN charge c ON c.bill_id = b.id AND c.billing_period_start = b.period_start,
       LATERAL (SELECT coalesce(
           nullif(btrim(c.extra->>'x_UsageType'), ''), nullif(btrim(c.extra->>'x_usage_type'), ''),
           nullif(btrim(c.extra->>'line_item_usage_type'), ''), nullif(btrim(c.extra->>'lineItem/UsageType'), ''),
           nullif(btrim(c.sku_meter), ''), nullif(btrim(c.charge_description), ''),
           nullif(btrim(c.extra->>'x_SkuMeterName'), ''), nullif(btrim(c.extra->>'x_SkuMeterSubcategory'), ''),
           nullif(btrim(c.extra->>'x_SkuDescription'), ''), nullif(btrim(c.extra->>'MeterName'), ''),
           nullif(btrim(c.extra->>'MeterSubCategory'), ''), nullif(btrim(c.extra->>'sku.description'), ''),
           '') AS meter) m
 WHERE b.current AND b.source_id = ANY(%(sources)s)
   AND b.period_start < %(end)s AND b.period_end > %(start)s
   AND c.charge_period_start < %(end)s AND c.charge_period_end > %(start)s
   AND m.meter = ANY(%(meters)s)
 GROUP BY 1, 2, 3
