-- ARGV: fence, new owner or '', state, how long it waits, name of the attempt, 1 when the caller knows that it owned it under that fence,
-- the caller, what the next one has to know. Returns the new fence, or -1 when somebody else has it: also under the same fence, which two may believe to have when a fail-over has rolled back the entry.
local given = tonumber(ARGV[1])
-- Done before, although the answer got lost; it may have been taken since.
if entry[2] and entry[5] == ARGV[5] then
  return given + 1
end
if entry[4] or (entry[2] and (fence ~= given or entry[1] ~= ARGV[7] or entry[3] == '1')) or (not entry[2] and given > 0 and ARGV[6] ~= '1') then
  return -1
end
fence = given + 1
redis.call('HSET', KEYS[1], 'o', ARGV[2], 'f', fence, 'w', 1, 's', ARGV[3], 'n', ARGV[5], 'p', ARGV[8])
redis.call('HDEL', KEYS[1], 'e', 't')
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return fence
