-- quarantine: keeps a record that cannot be decided.
--   in   topic, partition, offset, sha256, reason, raw
INSERT INTO quarantine (topic, partition, "offset", sha256, reason, raw) VALUES ($topic, $partition, $offset, $sha256, $reason, $raw)
