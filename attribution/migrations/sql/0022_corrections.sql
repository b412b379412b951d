-- Adjustments that people agreed to, beside those that attribution posts: `change_id` is the change that says who and why.
-- Attribution leaves them alone: they are no difference between what an hour says and would say.
ALTER TABLE adjustment ADD COLUMN change_id bigint CHECK (change_id > 0);
CREATE INDEX adjustment_by_change ON adjustment (change_id) WHERE change_id IS NOT NULL;
