-- begin-loading: records that the loading of a sale, or of the queue, into this primary begins. Begins with primary.lua.
--   KEYS   the sale, or the queue
--   ARGV   a token
redis.call("HSET", KEYS[1], "loading", ARGV[1] .. " " .. (primary() or ""))
return 1
