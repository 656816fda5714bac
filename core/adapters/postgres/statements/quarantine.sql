-- quarantine: a record that cannot be decided, kept beside the line.
--   in  $1 topic  $2 partition  $3 offset  $4 sha256  $5 reason  $6 raw
INSERT INTO quarantine (topic, partition, "offset", sha256, reason, raw) VALUES ($1, $2, $3, $4, $5, $6)
