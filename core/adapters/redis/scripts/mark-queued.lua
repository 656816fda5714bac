-- mark-queued: a broker has acknowledged requests of one partition. Never replaces a decision, nor an earlier place in line; the end never
-- goes back.
--   KEYS  line of the partition, then the views of the reservations
--   ARGV  1 a view's time to live in ms   2 offset after the last record   3.. the views
for i = 2, #KEYS do
  local view = redis.call("GET", KEYS[i])
  if not view or string.match(view, "^[^|]*") == "ADMITTED" then
    redis.call("SET", KEYS[i], ARGV[i + 1], "PX", ARGV[1])
  end
end
local known = tonumber(redis.call("HGET", KEYS[1], "end"))
if not known or known < tonumber(ARGV[2]) then
  redis.call("HSET", KEYS[1], "end", ARGV[2])
end
return #KEYS
