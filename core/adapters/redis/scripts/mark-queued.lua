-- mark-queued: a broker has acknowledged a request. Never replaces a decision, nor an earlier place in line; the end never goes back.
--   KEYS  view of the reservation, line of its partition
--   ARGV  1 the view   2 its time to live in ms   3 offset after the record
local view = redis.call("GET", KEYS[1])
if not view or string.match(view, "^[^|]*") == "ADMITTED" then
  redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2])
end
local known = tonumber(redis.call("HGET", KEYS[2], "end"))
if not known or known < tonumber(ARGV[3]) then
  redis.call("HSET", KEYS[2], "end", ARGV[3])
end
return 1
