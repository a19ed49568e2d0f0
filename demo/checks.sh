# What has to hold. Each check measures, says what in $figure, and succeeds or not. Sourced by demo.

transfer_bytes=$((32 << 20))
# Served in every host; the samples' policy permits the first two.
open_port=8080 transfer_port=5201
closed_port=8443

start_servers() {
    local site tenant port
    for site in "${sites[@]}"; do
        for tenant in "${tenants[@]}"; do
            for port in $open_port $closed_port; do
                spawn "server-$tenant-$site-$port" "$site-$tenant-host" \
                    socat "TCP-LISTEN:$port,reuseaddr,fork" "SYSTEM:echo $tenant@$site"
            done
        done
    done
    for site in "${sites[@]}"; do
        for tenant in "${tenants[@]}"; do
            for port in $open_port $closed_port; do
                until_deadline 5 listening "$site-$tenant-host" "$port" || return 1
            done
        done
    done
    # One more host, and only red has it.
    ip -n west-red-host address add "$red_only_address/24" dev lan || return 1
    figure="each serves TCP ports $open_port and $closed_port; the policy permits $open_port"
}

listening() {
    in_netns "$1" ss -Hltn "sport = :$2" | grep -q .
}

# reaches TENANT FROM TO: ping by the translated address.
reaches() {
    local address="${alias[$3]}" output
    output=$(in_netns "$2-$1-host" ping -n -c 10 -i 0.05 -W 2 "$address" 2>&1)
    figure=$(awk -v address="$address" -F '[ =/]+' '
        / received/ { sent = $1; back = $4 }
        /^rtt/ { rtt = $7 }
        END { printf "%-13s %d of %d pings back, rtt %s ms on average", address, back, sent, rtt }' <<< "$output")
    [[ $output == *' 10 received'* ]]
}

# answered_by TENANT: which host it is that answers at the address that both tenants use.
answered_by() {
    local answer
    answer=$(fetch "east-$1-host" "${alias[west]}" $open_port)
    figure="${alias[west]}:$open_port is \"$answer\""
    [ "$answer" = "$1@west" ]
}

# fetch HOST ADDRESS PORT: what the server there says; nothing when it does not answer within 0.9 s, before the first
# repetition of a SYN.
fetch() {
    in_netns "$1" socat -u -T 2 "TCP:$2:$3,connect-timeout=0.9" - 2>> "$logs/fetch.log"
}

# A file of random bytes per tenant, east to west, both at once. `transferred` looks at the outcome.
transfer_at_once() {
    local tenant pids=()
    progress 'TCP, both tenants at once' ...
    for tenant in "${tenants[@]}"; do
        transfer "$tenant" 2> "$logs/transfer-$tenant.log" &
        pids+=($!)
    done
    wait "${pids[@]}"
}

transfer() {
    local sent="$run/$1.sent" received="$run/$1.received" began server
    head -c $transfer_bytes /dev/urandom > "$sent"
    in_netns "west-$1-host" timeout 60 socat -u -b 131072 "TCP-LISTEN:$transfer_port,reuseaddr" "CREATE:$received" 9>&- &
    server=$!
    until_deadline 5 listening "west-$1-host" "$transfer_port" || return 1
    began=$EPOCHREALTIME
    in_netns "east-$1-host" timeout 60 \
        socat -u -b 131072 "OPEN:$sent" "TCP:${alias[west]}:$transfer_port,connect-timeout=5" 9>&- || kill $server
    wait $server || return 1
    awk -v from="$began" -v to="$EPOCHREALTIME" -v bytes=$transfer_bytes \
        'BEGIN { printf "%.0f", bytes * 8 / 1e6 / (to - from) }' > "$run/$1.rate"
}

transferred() {
    local sent received
    [ -s "$run/$1.rate" ] || {
        fault="the transfer failed: see $logs/transfer-$1.log"
        return 1
    }
    sent=$(sha256sum < "$run/$1.sent")
    received=$(sha256sum < "$run/$1.received")
    figure="$((transfer_bytes >> 20)) MiB at $(cat "$run/$1.rate") Mb/s, sha256 ${received::12}... there as here"
    fault="sha256 is ${sent::12}... here and ${received::12}... there"
    [ "$sent" = "$received" ]
}

# dropped SITE PATTERN: packets dropped for a reason.
dropped() {
    metric "$1" '^vgate_drops_total' "reason=\"$2\""
}

# drops_probes HOST ADDRESS REASON: three pings from there get no answer, and east counts three more drops.
drops_probes() {
    local before after output
    before=$(dropped east "$3")
    output=$(in_netns "$1" ping -n -c 3 -i 0.05 -W 0.5 "$2" 2>&1)
    after=$(dropped east "$3")
    figure="$2: 3 sent, none answered; dropped as $3: $before, now $after"
    fault="${figure/none answered/$(grep -o '[0-9]* received' <<< "$output")}"
    [[ $output == *'3 packets transmitted, 0 received'* ]] && [ "$after" = $((before + 3)) ]
}

# The tenant's kernel is told to send everything to the gateway, so that it is vgate which has to refuse.
with_default_route() {
    local status=0
    ip -n east-blue route add default dev vg-blue || return 1
    "$@" || status=$?
    ip -n east-blue route del default dev vg-blue
    return $status
}

# The aliases are the same in both V-nets, but this one leads to a host in red alone.
cannot_reach_red() {
    local red blue before after
    red=$(in_netns east-red-host ping -n -c 1 -W 2 "$red_only_alias" 2>&1)
    before=$(ip_counters west-red-host Icmp.InEchos)
    blue=$(in_netns east-blue-host ping -n -c 3 -i 0.05 -W 0.5 "$red_only_alias" 2>&1)
    after=$(ip_counters west-red-host Icmp.InEchos)
    figure="$red_only_alias: 3 sent, none answered, $((after - before)) seen in red; red reaches it"
    fault="red: $(grep -o '[0-9]* received' <<< "$red"); blue: $(grep -o '[0-9]* received' <<< "$blue")"
    [[ $red == *' 1 received'* ]] && [[ $blue == *' 0 received'* ]] && [ "$before" = "$after" ]
}

cannot_reach_underlay() {
    with_default_route drops_probes east-blue-host "${wan_address[west]}" no_route
}

underlay_cannot_reach() {
    local address output
    for address in $host_address "${alias[west]}"; do
        output+=$(in_netns west-gw ping -n -c 1 -W 0.5 "$address" 2>&1)
    done
    figure="west-gw has no way to $host_address nor ${alias[west]}"
    fault="west-gw reaches $host_address or ${alias[west]}"
    [[ $output != *' 1 received'* ]]
}

# The port is served, and one SYN is sent: it has to end at the source's gateway.
denied_by_policy() {
    local before after answer
    before=$(dropped east policy)
    answer=$(fetch east-blue-host "${alias[west]}" $closed_port)
    after=$(dropped east policy)
    figure="no connection; 1 SYN sent, dropped as policy: $before, now $after"
    fault="${figure/no connection/answer \"$answer\"}"
    [ -z "$answer" ] && [ "$after" = $((before + 1)) ]
}

# ip_counters NETNS PROTOCOL.FIELD...: counters of the namespace's own kernel, all of one moment.
ip_counters() {
    local netns="$1"
    shift
    in_netns "$netns" awk -v wanted="$*" '
        !($1 in header) { header[$1] = $0; next }
        { count = split(header[$1], field); for (i = 2; i <= count; i++) value[substr($1, 1, length($1) - 1) "." field[i]] = $i }
        END { count = split(wanted, name); for (i = 1; i <= count; i++) printf "%s%s", value[name[i]], i < count ? " " : "\n" }' /proc/net/snmp
}

# wan_counters: how many IP packets both gateways' namespaces have sent, and how many UDP datagrams.
wan_counters() {
    local site sent_packets sent_datagrams packets=0 datagrams=0
    for site in "${sites[@]}"; do
        read -r sent_packets sent_datagrams < <(ip_counters "$site-gw" Ip.OutRequests Udp.OutDatagrams)
        packets=$((packets + sent_packets))
        datagrams=$((datagrams + sent_datagrams))
    done
    echo "$packets $datagrams"
}

note_wan_counters() {
    wan_counters > "$run/wan-before"
}

only_tunnel_on_wan() {
    local packets_before datagrams_before packets datagrams
    read -r packets_before datagrams_before < "$run/wan-before"
    read -r packets datagrams < <(wan_counters)
    packets=$((packets - packets_before)) datagrams=$((datagrams - datagrams_before))
    figure="$packets packets so far, every one of them the tunnel's UDP"
    fault="$packets packets, but $datagrams UDP datagrams"
    [ "$packets" -gt 0 ] && [ "$packets" = "$datagrams" ]
}

# turned_away CERTIFICATE REASON: OpenSSL shows it to west-1, which must refuse and say why.
turned_away() {
    local certificate="$1" reason="$2" before after output
    before=$(refused_handshakes)
    output=$(in_netns east-gw timeout 10 openssl s_client -dtls1_2 -connect "${wan_address[west]}:4433" \
        -cert "$certificate.crt" -key "$certificate.key" -CAfile "$run/pki/ca.crt" 2>&1 < /dev/null)
    until_deadline 2 refused_more_than "$before"
    after=$(refused_handshakes)
    figure="refused, $before and now $after: $(grep -o "reason=\"$reason[^(\"]*" "$logs/west-1.log" | tail -n 1 | cut -d '"' -f 2)"
    fault="refused handshakes: $before, now $after; OpenSSL says: $(grep -m 1 -E 'alert|Cipher is' <<< "$output")"
    [ "$after" = $((before + 1)) ] && [[ $output == *alert* ]] && [[ $figure == *$reason* ]]
}

refused_handshakes() {
    metric west '^vgate_handshakes_total' 'result="refused"'
}

refused_more_than() {
    [ "$(refused_handshakes)" -gt "$1" ]
}

show_metrics() {
    in_netns east-gw curl -sf --max-time 2 http://127.0.0.1:9464/metrics | grep -E '^vgate_(packets_total|drops_total|tunnel_(up|rtt|records))' |
        while IFS= read -r line; do printf '    %s\n' "$line"; done
}

stops_cleanly() {
    local began=$EPOCHREALTIME site tenant left=''
    for site in "${sites[@]}"; do
        kill -TERM "$(process "$site-1")"
    done
    until_deadline 5 both_ended || {
        fault='still running after 5 s'
        return 1
    }
    for site in "${sites[@]}"; do
        for tenant in "${tenants[@]}"; do
            left+=$(ip -n "$site-$tenant" -o link show "vg-$tenant" 2> /dev/null)
        done
    done
    figure="ended in $(seconds_since "$began"), and all four devices are gone"
    fault="ended, but left: $left"
    [ -z "$left" ]
}

both_ended() {
    [ -z "$(process east-1)$(process west-1)" ]
}

commands_to_try() {
    cat << TRY

Left running. Commands to try, as root:

  ip netns exec east-blue-host ping ${alias[west]}          # blue's host at the other site
  ip netns exec east-red-host  ping ${alias[west]}          # the same address, and red's host
  ip netns exec east-blue-host socat - TCP:${alias[west]}:$open_port   # who is it?
  ip netns exec east-gw tcpdump -ni wan                   # what the WAN sees of it
  ip netns exec east-gw curl -s http://127.0.0.1:9464/metrics
  ./vgate status -c $run/east/east.yaml
  ./vgate reload -c $run/east/east.yaml               # after changing it

  ./vgate demo --stop
TRY
}
