-- take-turn: gives the next turn for a call to a service with a rate limit. All processes share the turns.
--   KEYS   when the next turn is free, in microseconds since the epoch
--   ARGV   microseconds between two turns, the longest wait, and for how long from now no call may be made (0: no such pause)
--   Returns microseconds to wait, and 1 when the turn is taken or 0 when the wait would be too long. core/domain/pace.ts follows
--   the same rule.
local time = redis.call("TIME")
local now = time[1] * 1000000 + time[2]
local free = math.max(tonumber(redis.call("GET", KEYS[1]) or now), now, now + ARGV[3])
local wait = free - now
local taken = wait <= tonumber(ARGV[2])
if taken then
  free = free + ARGV[1]
end
if free > now then
  redis.call("SET", KEYS[1], string.format("%.0f", free), "PX", math.ceil((free - now) / 1000) + 1)
end
return { string.format("%.0f", wait), taken and 1 or 0 }
