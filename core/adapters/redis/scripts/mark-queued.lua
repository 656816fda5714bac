-- mark-queued: a broker has acknowledged requests of one partition. Never replaces a decision, nor an earlier place in line, in whichever order
-- the acknowledgements of copies come; the end never goes back.
--   KEYS  line of the partition, then the views of the reservations
--   ARGV  1 a view's time to live in ms   2 offset after the last record   3 the partition   then for each view: the view, its offset
--   out   for each view the offset that Redis knows now, "" for a view without one
local place = "^([^|]*)" .. string.rep("|[^|]*", 5) .. "|(%d*)|(%d*)"
local standing = {}
for i = 2, #KEYS do
  local view, offset = ARGV[2 * i], ARGV[2 * i + 1]
  local known = redis.call("GET", KEYS[i])
  local status, known_partition, known_offset = string.match(known or "", place)
  standing[i - 1] = known_offset or offset
  if not status or status == "ADMITTED" then
    redis.call("SET", KEYS[i], view, "PX", ARGV[1])
    standing[i - 1] = offset
  elseif status == "QUEUED" and known_partition == ARGV[3] and tonumber(known_offset) > tonumber(offset) then
    redis.call("SET", KEYS[i], view, "KEEPTTL")
    standing[i - 1] = offset
  end
end
local known_end = tonumber(redis.call("HGET", KEYS[1], "end"))
if not known_end or known_end < tonumber(ARGV[2]) then
  redis.call("HSET", KEYS[1], "end", ARGV[2])
end
return standing
