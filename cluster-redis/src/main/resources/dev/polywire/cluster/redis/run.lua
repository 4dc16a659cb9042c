-- '<run id>:<reign>', which the connection adds as the last argument: the life of this server, and a number that grows with each fail-over.
local run = ARGV[#ARGV]

-- Tells whether what was written under a value of that kind may be gone on with. In the same life a server may have been a replica in between, and have lost
-- its latest. Nodes learn of a reign one after another, so an older one goes on with what a newer one wrote, lest they take turns in beginning anew.
local function goes_on(written)
  local life, reign = string.match(written or '', '^(.*):(%d+)$')
  local mine, present = string.match(run, '^(.*):(%d+)$')
  return life ~= nil and life == mine and tonumber(reign) >= tonumber(present)
end
