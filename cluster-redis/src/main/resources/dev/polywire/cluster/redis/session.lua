-- Shared by the scripts of the ledger. KEYS: 1 the entry. Entry: o owner ('' for whoever comes), f fence, w 1 when the state s waits, e why it is over, if it is,
-- n what the giver calls its attempt, p what whoever takes it has to know, t what the taker calls its attempt.
local entry = redis.call('HMGET', KEYS[1], 'o', 'f', 'w', 'e', 'n')
local fence = tonumber(entry[2] or '0')
