-- The run id of this server, which the connection adds as the last argument: it is that of one life of one server.
local run = ARGV[#ARGV]
