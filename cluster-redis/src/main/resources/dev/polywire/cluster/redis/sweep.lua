-- Removes members of a dead node, whose set is KEYS[6]. ARGV: 2 node, 3 how many at the most. Returns how many are left.
local v = open()
local time = redis.call('TIME')[1]
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  if string.sub(field, 1, 2) == 'd:' and tonumber(redis.call('HGET', KEYS[1], field)) < time - 86400 then
    redis.call('HDEL', KEYS[1], field)
  end
end
-- A call that the node made before it died may come after this.
redis.call('HSET', KEYS[1], 'd:' .. ARGV[2], time)
for _, session in ipairs(redis.call('SPOP', KEYS[6], ARGV[3])) do
  local entry = entry_of(session)
  if entry and entry.node == ARGV[2] then
    v = v + 1
    local last = remove(session, entry)
    tell('l', v, last, session, entry.all)
  end
end
close(v)
return redis.call('SCARD', KEYS[6])
