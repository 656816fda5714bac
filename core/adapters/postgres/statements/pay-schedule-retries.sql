-- pay-schedule-retries: records tries that did not finish their work, and when the next try is due: at once after the first, then
-- after a pause that doubles.
--   in   work, attempt_ids, the error of the last try or null (there was nothing to do yet), first_seconds and longest_seconds of
--        the pause
--   Two tries at once count twice, which makes the pause longer and does no harm.
INSERT INTO payment_retries AS r (work, attempt_id, next_at, last_error)
SELECT $work, id, clock_timestamp(), $error FROM unnest($attempt_ids::uuid[]) AS id
ON CONFLICT (work, attempt_id) DO UPDATE
   SET tries = r.tries + 1,
       next_at = clock_timestamp() + make_interval(secs => least($longest_seconds::float8, $first_seconds::float8 * 2 ^ least(r.tries - 1, 30))),
       last_error = $error
