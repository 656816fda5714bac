-- complete: marks a sale as completely loaded, unless Redis lost it since the loading began.
--   KEYS   the sale
--   ARGV   the token that the loading left there
if redis.call("HGET", KEYS[1], "loading") == ARGV[1] then
  redis.call("HSET", KEYS[1], "complete", "1")
  redis.call("HDEL", KEYS[1], "loading")
  return 1
end
return 0
