-- preflight-quarantine: the records in quarantine.
--   out  how many, and where the first of them is
SELECT count(*)::float8 AS records, min(format('%s %s %s', topic, partition, "offset")) AS first FROM quarantine
