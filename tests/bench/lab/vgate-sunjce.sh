# vgate with the JDK's own AES-GCM, whatever else is installed.
VGATE_TUNNEL_SETTINGS='' VGATE_AEAD=sunjce
. "$(dirname "${BASH_SOURCE[0]}")/vgate.sh"
