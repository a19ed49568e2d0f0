# vgate with the JDK's own AES-GCM, whatever else is installed.
VGATE_VARIANT_AEAD=sunjce
. "$(dirname "${BASH_SOURCE[0]}")/vgate.sh"
