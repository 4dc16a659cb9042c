-- ARGV: 2 session, 3 state. Returns 0 when there is no such member.
local entry = entry_of(ARGV[2])
if not entry then
  return 0
end
local v, run = open()
v = v + 1
local _, before = split(entry.rest)
tell('p', v, 0, ARGV[2], write(ARGV[2], entry.node, entry.fence, before .. ARGV[3]))
close(v, run)
return 1
