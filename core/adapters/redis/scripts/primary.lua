-- primary: the beginning of other scripts, and no script by itself.
-- Returns the identity of this server as a primary; nil when it is a replica or does not say. A replica that is promoted takes a
-- new identity, and so does a server that starts again. A mark with the old identity then counts no more, even if all of the data
-- is still there.
local function primary()
  local info = redis.call("INFO", "replication")
  return string.find(info, "role:master", 1, true) and string.match(info, "master_replid:(%x+)") or nil
end
