-- For Wireshark and tshark, which know DTLS and Geneve, but not that a gateway's records carry Geneve:
--
--   tshark -X lua_script:wireshark.lua -o tls.keylog_file:KEYS -r CAPTURE
--
-- KEYS is the file of `vgate run --key-log`. The capture must have seen the handshake.

local port = 4433 -- of listen.udp

local udp = DissectorTable.get("udp.port")
udp:add(port, Dissector.get("dtls"))
DissectorTable.get("dtls.port"):add(port, udp:get_dissector(6081))
