-- lock-partition: the writer's first lock; raises FS001/FS002 unless the watermark is as expected.
--   in  $1 topic  $2 partition  $3 expected next offset
SELECT lock_partition($1, $2, $3)
