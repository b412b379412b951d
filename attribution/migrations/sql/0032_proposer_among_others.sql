-- Where several decided, their names stand beside each other: who proposed is none of them.
ALTER TABLE token_coefficients
    DROP CONSTRAINT token_coefficients_two_people,
    ADD CONSTRAINT token_coefficients_two_people CHECK (
        proposed_by <> ''
        AND (decided_by = '' OR state = 'rejected'
             OR strpos(', ' || lower(btrim(decided_by)) || ', ', ', ' || lower(btrim(proposed_by)) || ', ') = 0));
