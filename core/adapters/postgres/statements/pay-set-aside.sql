-- pay-set-aside: notes tries that did not end their work, and when it is tried again: at once after the first, then after a pause that doubles.
--   in   $1 work  $2 attempt ids  $3 what the last try failed with, or null: there was nothing to do yet
--        $4 first pause in seconds  $5 longest pause in seconds
-- Two tries at once count twice, which makes the pause longer and does no harm.
INSERT INTO payment_retries AS r (work, attempt_id, next_at, last_error)
SELECT $1, id, clock_timestamp(), $3 FROM unnest($2::uuid[]) AS id
ON CONFLICT (work, attempt_id) DO UPDATE
   SET tries = r.tries + 1,
       next_at = clock_timestamp() + make_interval(secs => least($5::float8, $4::float8 * 2 ^ least(r.tries - 1, 30))),
       last_error = $3
