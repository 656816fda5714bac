-- project-sale: writes the balances and status of a sale as of ledger sequence ARGV[1], unless Redis knows later ones; and up to
-- which sequence its decisions were shown without a gap. When the balances include a decision that was not shown, the same call
-- removes the `complete` mark.
--   KEYS   the sale
--   ARGV   1 seq
--          2 a sequence: when everything up to it was shown before this call, everything up to seq is shown after it; "" when the
--            caller cannot say this of any sequence
--          then field, value, field, value, ... ; an empty value removes the field
--   `shown` is the last sequence before the first gap. `tail_from` and `tail_to` bound the part that was shown after the gap. Two
--   processes may show their transactions in any order: the gap closes when the other process shows its transaction, or when the
--   sweeper shows it.
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
