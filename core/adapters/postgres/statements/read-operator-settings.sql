-- read-operator-settings: what operators have set, and the sweeper for itself.
--   out  one row for each setting that was ever set: name, value, who, and when in microseconds
SELECT name, value, set_by, microseconds(set_at)::float8 AS set_at
  FROM operator_settings
 ORDER BY name
