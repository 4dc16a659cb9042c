-- ARGV: 2 node, 3 session, 4 state. Returns 0 when there is no such member, or another node has it.
local entry = entry_of(ARGV[3])
if not entry or entry.node ~= ARGV[2] then
  return 0
end
local v = open()
v = v + 1
local _, before = split(entry.rest)
tell('p', v, 0, ARGV[3], write(ARGV[3], entry.node, entry.fence, before .. ARGV[4]))
close(v)
return 1
