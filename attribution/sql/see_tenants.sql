-- Shows the tenants at or below some roots to the rest of this transaction.
SELECT set_config('apportion.tenants', setting_of(tenants_at_or_below(%s::bigint[])), true)
