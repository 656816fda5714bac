-- complete: marks a sale as completely loaded, or the queue as completely known, unless Redis lost it since the loading began.
--   KEYS   the sale, or the queue
--   ARGV   the token that the loading left there
--   What is complete stays until it is lost or until the sale has closed and come to rest (sales-at-rest.ts).
if redis.call("HGET", KEYS[1], "loading") == ARGV[1] then
  redis.call("HSET", KEYS[1], "complete", "1")
  redis.call("HDEL", KEYS[1], "loading")
  redis.call("PERSIST", KEYS[1])
  return 1
end
return 0
