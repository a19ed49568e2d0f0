# vgate as people run it, in the lab's place for a peer: two gateways with certificates, policy and translation on.
#
# The lab's hosts call each other by their own addresses, 10.71.1.2 and 10.71.2.2, and only site a's start flows. So
# site b sees site a's members as 100.64.71.0/24: the source of every packet from a, and the destination of every one
# from b, are translated at a's gateway. What b's members are called at a cannot differ from their own addresses here;
# b's gateway has a rule all the same, which does the same work on every packet and leaves the address as it was.
#
# Policy is default-deny at both ends, stateful, and permits what the lab's tools need: iperf3's port and pings.
vgate_root=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../../..
VGATE_SITE_A_ALIAS=100.64.71.0/24
# Variants set these, then source this file.
case $PEER in vgate) VGATE_TUNNEL_SETTINGS='' ;; esac

peer_info="vgate: DTLS 1.2, AES-128-GCM, with policy and translation${VGATE_TUNNEL_SETTINGS:+, $VGATE_TUNNEL_SETTINGS}"
peer_version() { vgate --version | head -1; }
peer_check() {
  mkdir -p "$LOG"
  # Builds the jar when the sources are newer; vgate run, in the gateways' namespaces, must not.
  "$vgate_root/vgate" --version >"$LOG/$PEER.build.log" 2>&1 || { log "$PEER: it does not build, see $LOG/$PEER.build.log"; return 1; }
}
vgate() { VGATE_BUILD=never "$vgate_root/vgate" "$@"; }

peer_up() {
  local d=$RUN/vgate; mkdir -p "$d"
  vgate_pki || return 1
  vgate_config a b $WAN_A $WAN_B $LAN_A $VGATE_SITE_A_ALIAS $LAN_B $TUN_A out to >"$d/a.yaml"
  vgate_config b a $WAN_B $WAN_A $LAN_B $LAN_B $VGATE_SITE_A_ALIAS $TUN_B in from >"$d/b.yaml"
  VGATE_BUILD=never lab_spawn labGB labGB "$vgate_root/vgate" run -c "$d/b.yaml"
  VGATE_BUILD=never lab_spawn labGA labGA "$vgate_root/vgate" run -c "$d/a.yaml"
  lab_until 60 nsx labGA ip link show dev labvg && lab_until 60 nsx labGB ip link show dev labvg || return 1
  # vgate has made the device with its address and routes; the lab's own route differs by its source address only.
  lab_tun labGA labvg && lab_tun labGB labvg || return 1
  lab_until 15 grep -q tunnel_up "$(lab_log labGA)"
}

# An authority and a certificate for each gateway, once; by vgate's own commands.
vgate_pki() {
  local pki=$KEYS/vgate; [ -s "$pki/gw-b.crt" ] && return 0; rm -rf "$pki"
  { vgate pki ca --out "$pki" && vgate pki issue --ca "$pki" --site a --gateway gw-a --out "$pki" &&
    vgate pki issue --ca "$pki" --site b --gateway gw-b --out "$pki"; } >"$LOG/$PEER.pki.log" 2>&1
}

# vgate_config SITE PEER OWN_WAN PEER_WAN MEMBERS ALIAS REMOTE ADDRESS DIRECTION REMOTE_SIDE
vgate_config() {
  cat <<Y
site: $1
gateway: gw-$1
identity: {certificate: $KEYS/vgate/gw-$1.crt, key: $KEYS/vgate/gw-$1.key, trust: [$KEYS/vgate/ca.crt]}
listen: {udp: "$3:4433"}
peers:
  - {site: $2, gateways: [{name: gw-$2, udp: "$4:4433"}], vnets: [lab]}
vnets:
  - name: lab
    vni: 5001
    attach: {tun: {device: labvg, netns: gateway, address: $8, mtu: $LAB_TUN_MTU}}
    members: [$5]
    translate:
      - {peer: $2, local: $5, as: $6}
    remote:
      - {peer: $2, prefixes: [$7]}
    policy:
      - {$9: icmp, ${10}: $7}
      - {$9: tcp, ${10}: $7, ports: 5201}
      - {$9: udp, ${10}: $7, ports: 5201}
${VGATE_TUNNEL_SETTINGS:+tunnel: {$VGATE_TUNNEL_SETTINGS\}}
control: {socket: $RUN/vgate/$1.sock}
Y
}

# What the gateway itself says: the tunnel's state, cipher, path, and who computes the AEAD where that is reported.
peer_verify() {
  vgate status --socket "$RUN/vgate/a.sock" --json | jq -r '.tunnels[0] |
    [.state, .cipherSuite, "\(.local) to \(.remote)", "\(.lanes) lane(s)", (.aead // empty)] | join(", ")'
}
