-- Lists who is alive: {node, what it says about itself, ...}.
local all = redis.call('HGETALL', KEYS[2])
local alive = {}
for i = 1, #all, 2 do
  local ends = redis.call('ZSCORE', KEYS[1], all[i])
  if ends and tonumber(ends) > time then
    alive[#alive + 1] = all[i]
    alive[#alive + 1] = all[i + 1]
  end
end
return alive
