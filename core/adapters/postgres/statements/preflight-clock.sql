-- preflight-clock: the time of PostgreSQL.
--   out  now, in milliseconds since 1970
SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now_ms
