-- project-sale: the balances and status of a sale as of ledger sequence ARGV[1], unless Redis knows later ones; and how far its decisions
-- were shown without a gap. When the balances are of a decision that was not shown, the `complete` mark goes with the same call.
--   KEYS   the sale
--   ARGV   1 seq
--          2 a sequence up to which everything must have been shown before, for everything up to seq to be shown now; "" when nothing is said
--          then field, value, field, value, ... ; an empty value removes the field
--   `shown` is the end of what was shown without a gap. What came after a gap is kept as `tail_from` and `tail_to`: two processes show their
--   transactions in any order, and the gap closes when the other one comes, or the sweeper.
local key, seq, basis = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
local known = redis.call("HMGET", key, "seq", "shown", "tail_from", "tail_to", "complete")
local known_seq, shown, tail_from, tail_to = tonumber(known[1]), tonumber(known[2]) or 0, tonumber(known[3]), tonumber(known[4])

if basis then
  if basis <= shown then
    shown = math.max(shown, seq)
  elseif tail_from and tail_from <= basis and basis <= tail_to then
    tail_to = math.max(tail_to, seq)
    redis.call("HSET", key, "tail_to", tail_to)
  else
    tail_from, tail_to = basis, seq
    redis.call("HSET", key, "tail_from", tail_from, "tail_to", tail_to)
  end
  if tail_from and tail_from <= shown then
    shown = math.max(shown, tail_to)
    redis.call("HDEL", key, "tail_from", "tail_to")
  end
  redis.call("HSET", key, "shown", shown)
end

local is_newest = not known_seq or known_seq <= seq
if is_newest then
  local set, unset = { "seq", ARGV[1] }, {}
  for i = 3, #ARGV, 2 do
    if ARGV[i + 1] == "" then
      unset[#unset + 1] = ARGV[i]
    else
      set[#set + 1], set[#set + 2] = ARGV[i], ARGV[i + 1]
    end
  end
  redis.call("HSET", key, unpack(set))
  if #unset > 0 then
    redis.call("HDEL", key, unpack(unset))
  end
end

if known[5] and shown < math.max(seq, known_seq or 0) then
  redis.call("HDEL", key, "complete")
end
return is_newest and 1 or 0
