-- Puts back what Redis may have forgotten. ARGV: 2 node, then for each member: session, fence, 'since length-of-user user state'.
-- Returns {1, sessions that another node has, ...}, or {0} when the node is dead.
if redis.call('HEXISTS', KEYS[1], 'd:' .. ARGV[2]) == 1 then
  return {0}
end
local v = open()
local changed = false
local moved = {1}
for i = 3, #ARGV - 1, 3 do
  local entry = entry_of(ARGV[i])
  local fence = tonumber(ARGV[i + 1])
  if not entry then
    v = v + 1
    changed = true
    add(ARGV[i], ARGV[2], fence, ARGV[i + 2], v)
  elseif entry.node ~= ARGV[2] then
    if fence > entry.fence then
      own(ARGV[i], entry, ARGV[2], fence, v)
    else
      moved[#moved + 1] = ARGV[i]
    end
  else
    redis.call('SADD', KEYS[6], ARGV[i])
  end
end
if changed then
  -- One word for all of them: who hears it reads the channel again.
  tell('x', v, 0, '', '')
end
close(v)
return moved
