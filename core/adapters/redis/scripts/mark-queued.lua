-- mark-queued: records that a broker has acknowledged requests of one partition. It never replaces a decision, nor an earlier
-- position in the queue, for any order of the acknowledgements of copies. A position in an earlier generation of the log is
-- replaced: nothing decides it any more (core/domain/log-generations.ts). The end never goes back.
--   KEYS  progress of the partition, then the views of the reservations
--   ARGV  1 a view's time to live in ms   2 offset after the last record   3 the partition
--         then for each view: the view, its offset
--   out   for each view the offset that Redis knows now, "" for a view without one
local status_and_position = "^([^|]*)" .. string.rep("|[^|]*", 5) .. "|(%d*)|(%d*)"
local offsets_per_generation = 2 ^ 40
local standing = {}
for i = 2, #KEYS do
  local view, offset = ARGV[2 * i], ARGV[2 * i + 1]
  local known = redis.call("GET", KEYS[i])
  local status, known_partition, known_offset = string.match(known or "", status_and_position)
  standing[i - 1] = known_offset or offset
  if not status or status == "ADMITTED" then
    redis.call("SET", KEYS[i], view, "PX", ARGV[1])
    standing[i - 1] = offset
  elseif status == "QUEUED" and known_partition == ARGV[3]
    and (tonumber(known_offset) > tonumber(offset) or tonumber(known_offset) < offset - offset % offsets_per_generation) then
    redis.call("SET", KEYS[i], view, "KEEPTTL")
    standing[i - 1] = offset
  end
end
local known_end = tonumber(redis.call("HGET", KEYS[1], "end"))
if not known_end or known_end < tonumber(ARGV[2]) then
  redis.call("HSET", KEYS[1], "end", ARGV[2])
end
return standing
