-- ARGV: node, how long the entry is kept. Returns {fence, state}, or nil when nothing waits for this node.
if entry[3] ~= '1' or entry[4] or (entry[1] ~= '' and entry[1] ~= ARGV[1]) then
  return nil
end
if entry[1] == '' then
  fence = fence + 1
end
local state = redis.call('HGET', KEYS[1], 's')
redis.call('HSET', KEYS[1], 'o', ARGV[1], 'f', fence, 'w', 0)
redis.call('HDEL', KEYS[1], 's', 'n')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {fence, state}
