-- preflight-schema: the migrations and the definitions that the database has.
--   out  name, and for a definition the SHA-256 of its text
SELECT name, NULL AS sha256 FROM migrations
 UNION ALL
SELECT name, encode(sha256, 'hex') FROM applied_definitions
