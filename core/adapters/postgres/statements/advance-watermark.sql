-- advance-watermark: everything below $3 is decided or in quarantine, as of this commit.
--   in  $1 topic  $2 partition  $3 next offset
UPDATE partition_progress SET next_offset = $3 WHERE topic = $1 AND partition = $2
