-- ARGV: 2 node, 3 session, 4 'since length-of-user user state', 5 bytes to list, 6 how many at the most.
-- Returns {fence, version, count, {session, member, place, ...}, the member as it is}; the fence is -1 when the node is dead.
if redis.call('HEXISTS', KEYS[1], 'd:' .. ARGV[2]) == 1 then
  return {-1, '0', 0, {}, ''}
end
local v = open()
local entry = entry_of(ARGV[3])
local fence = 0
if not entry then
  v = v + 1
  local all, first = add(ARGV[3], ARGV[2], 0, ARGV[4], v)
  tell('j', v, first, ARGV[3], all)
else
  fence = entry.fence
  if entry.node ~= ARGV[2] then
    fence = fence + 1
    own(ARGV[3], entry, ARGV[2], fence, v)
  end
end
close(v)
return {fence, text(v), count(), list('-inf', tonumber(ARGV[5]), tonumber(ARGV[6])), redis.call('HGET', KEYS[2], ARGV[3])}
