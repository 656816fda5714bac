-- project-progress: writes the watermark of a partition and its decisions a second; the watermark never goes back.
--   KEYS   progress of the partition
--   ARGV   next offset, decisions a second
local known = tonumber(redis.call("HGET", KEYS[1], "next"))
if not known or known <= tonumber(ARGV[1]) then
  redis.call("HSET", KEYS[1], "next", ARGV[1], "rate", ARGV[2])
end
return 1
