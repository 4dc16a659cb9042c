-- ARGV: node, how long the entry is kept, what the taker knows, name of the attempt. Returns {fence, state}; {} when it does not know what it has to; nil when nothing waits
-- for this node. The state stays until its owner renews the entry: should this answer get lost, the attempt is made again.
local kept = redis.call('HMGET', KEYS[1], 's', 'p', 't')
local again = entry[3] == '0' and kept[3] == ARGV[4]
local waits = entry[3] == '1' and (entry[1] == '' or entry[1] == ARGV[1])
if entry[4] or not kept[1] or not (again or waits) then
  return nil
end
if kept[2] ~= ARGV[3] then
  return {}
end
-- One owner is one name of a node under one fence.
if entry[1] ~= ARGV[1] then
  fence = fence + 1
end
redis.call('HSET', KEYS[1], 'o', ARGV[1], 'f', fence, 'w', 0, 't', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {fence, kept[1]}
