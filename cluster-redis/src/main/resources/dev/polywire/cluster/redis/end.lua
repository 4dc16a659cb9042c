-- ARGV: fence, how long the entry is kept, 1 when the caller knows that it owned it under that fence, why it ends. Returns 0 when it has another fence.
local given = tonumber(ARGV[1])
if (entry[2] and fence ~= given) or (not entry[2] and given > 0 and ARGV[3] ~= '1') then
  return 0
end
redis.call('HSET', KEYS[1], 'o', '', 'f', given + 1, 'w', 0, 'e', ARGV[4])
redis.call('HDEL', KEYS[1], 's', 'n', 'p', 't')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
