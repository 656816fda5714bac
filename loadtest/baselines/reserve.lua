-- reserve: decides a request for one unit in Redis alone: as durable as its append-only file, once per id, one unit a user.
--   KEYS  sale (hash: total, reserved), decision by id, unit by user
--   out   code of the outcome (core/domain/reservation.ts)
local decided = redis.call("GET", KEYS[2])
if decided then
  return tonumber(decided)
end
local sale = redis.call("HMGET", KEYS[1], "total", "reserved")
local outcome = 1
if redis.call("EXISTS", KEYS[3]) == 1 then
  outcome = 12
elseif tonumber(sale[2]) >= tonumber(sale[1]) then
  outcome = 11
else
  redis.call("HINCRBY", KEYS[1], "reserved", 1)
  redis.call("SET", KEYS[3], 1)
end
redis.call("SET", KEYS[2], outcome)
return outcome
