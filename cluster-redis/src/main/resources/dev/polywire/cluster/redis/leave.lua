-- ARGV: 2 node, 3 session. Returns 0 when there is no such member, or another node has it.
redis.call('SREM', KEYS[6], ARGV[3])
local entry = entry_of(ARGV[3])
if not entry or entry.node ~= ARGV[2] then
  return 0
end
local v = open()
v = v + 1
local last = remove(ARGV[3], entry)
tell('l', v, last, ARGV[3], entry.all)
close(v)
return 1
