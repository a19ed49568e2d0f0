# vgate as people run it, as one more peer of the lab: certificates, policy and translation on.
#
# The lab's hosts call each other by their own addresses, 10.71.1.2 and 10.71.2.2, and only site a's start flows. So
# site b sees a's members as 100.64.71.0/24: the source of every packet from a, and the destination of every one from
# b, are translated at a's gateway. What b's members are called at a cannot differ from their own addresses here; b's
# gateway has a rule all the same, which does the same work on every packet and leaves the address as it was.
#
# Policy is default-deny at both ends, stateful, and permits what the lab's tools need: iperf3's port and pings.
vgate_root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../../.." && pwd)
vgate_alias_a=100.64.71.0/24
# Variants set this, then source this file; one shell sources several of them.
vgate_aead=${VGATE_VARIANT_AEAD:-auto}
unset VGATE_VARIANT_AEAD

peer_info="vgate: DTLS 1.2, AES-128-GCM, policy and translation, AEAD $vgate_aead"
peer_version() { vgate --version | head -1; }
peer_check() {
    mkdir -p "$LOG"
    # Builds when the sources are newer; the gateways themselves must not.
    "$vgate_root/vgate" --version > "$LOG/$PEER.build.log" 2>&1 && return
    log "$PEER: it does not build, see $LOG/$PEER.build.log"
    return 1
}
vgate() { VGATE_BUILD=never "$vgate_root/vgate" "$@"; }

peer_up() {
    local d=$RUN/vgate began
    mkdir -p "$d"
    vgate_pki || return 1
    vgate_config a b $WAN_A $WAN_B $LAN_A $vgate_alias_a $LAN_B $TUN_A out to > "$d/a.yaml"
    vgate_config b a $WAN_B $WAN_A $LAN_B $LAN_B $vgate_alias_a $TUN_B in from > "$d/b.yaml"
    began=$EPOCHREALTIME
    VGATE_BUILD=never lab_spawn labGB labGB "$vgate_root/vgate" run -c "$d/b.yaml"
    VGATE_BUILD=never lab_spawn labGA labGA "$vgate_root/vgate" run -c "$d/a.yaml"
    # vgate makes the device with its address and routes; the lab's route differs by its source address only.
    lab_until 60 nsx labGA ip link show dev labvg && lab_tun labGA labvg || return 1
    lab_until 60 nsx labGB ip link show dev labvg && lab_tun labGB labvg || return 1
    # Looks again after 0.2 s, so the figure is too high by half of that.
    lab_until 60 nsx "$CLI_NS" ping -n -q -c 1 -W 0.1 -I "$CLI_IP" "$SRV_IP" || return 1
    awk -v from="$began" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.2f", to - from }' > "$d/first-packet"
}

# An authority and a certificate for each gateway, once; by vgate's own commands.
vgate_pki() {
    local pki=$KEYS/vgate
    [ -s "$pki/gw-b.crt" ] && return 0
    rm -rf "$pki"
    {
        vgate pki ca --out "$pki" &&
            vgate pki issue --ca "$pki" --site a --gateway gw-a --out "$pki" &&
            vgate pki issue --ca "$pki" --site b --gateway gw-b --out "$pki"
    } > "$LOG/$PEER.pki.log" 2>&1
}

# vgate_config SITE PEER OWN_WAN PEER_WAN MEMBERS ALIAS REMOTE ADDRESS DIRECTION REMOTE_SIDE
vgate_config() {
    cat << Y
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
crypto: {aead: $vgate_aead}
control: {socket: $RUN/vgate/$1.sock}
Y
}

# What the gateway says of itself, and how long both took from their start to the first packet through.
peer_verify() {
    vgate status --socket "$RUN/vgate/a.sock" --json |
        jq -r --arg first "$(cat "$RUN/vgate/first-packet")" '.gateway.aead as $aead | .tunnels[0] |
            [.state, .cipherSuite, "UDP \(.local) to \(.remote)", "lanes \(.lanes)", "AEAD by \($aead.provider)",
             "first packet after \($first) s"] | join(", ")'
}
