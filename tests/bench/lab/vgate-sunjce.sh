# vgate with the JDK's own AES-GCM, whatever else is installed. (There is nothing else yet, so nothing is to be set.)
VGATE_TUNNEL=''
. "$(dirname "${BASH_SOURCE[0]}")/vgate.sh"
