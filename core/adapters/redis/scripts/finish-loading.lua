-- finish-loading: marks a sale as completely loaded, or the queue as completely known, with the identity of the primary that
-- holds it. Begins with primary.lua.
--   KEYS   the sale, or the queue
--   ARGV   1 the token that begin-loading wrote there   2 ledger sequence up to which everything was loaded
--   out    1 when the mark is set; 0 when Redis lost something since the loading began, when another server became the primary,
--          or when the balances include a decision that was not shown
local identity = primary()
local known = redis.call("HMGET", KEYS[1], "loading", "seq", "shown", "tail_from", "tail_to")
if not identity or known[1] ~= ARGV[1] .. " " .. identity then
  return 0
end
local shown = math.max(tonumber(known[3]) or 0, tonumber(ARGV[2]))
if known[4] and tonumber(known[4]) <= shown then
  shown = math.max(shown, tonumber(known[5]))
  redis.call("HDEL", KEYS[1], "tail_from", "tail_to")
end
redis.call("HSET", KEYS[1], "shown", shown)
if shown < (tonumber(known[2]) or 0) then
  return 0
end
redis.call("HSET", KEYS[1], "complete", identity)
redis.call("HDEL", KEYS[1], "loading")
-- A complete sale stays in Redis until Redis loses it, or until it has closed and come to rest (sales-at-rest.ts).
redis.call("PERSIST", KEYS[1])
return 1
