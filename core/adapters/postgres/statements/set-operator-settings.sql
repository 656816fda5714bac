-- set-operator-settings: sets some settings to one value. The same value again leaves the row as it is, so that it goes on to
-- name the operator who chose it.
--   in     names, value, set_by
--   locks  the rows that change
INSERT INTO operator_settings AS o (name, value, set_by)
SELECT unnest($names::text[]), $value::text, $set_by::text
    ON CONFLICT (name) DO UPDATE SET value = excluded.value, set_by = excluded.set_by, set_at = clock_timestamp()
 WHERE o.value <> excluded.value
