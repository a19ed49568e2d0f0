# Certificates, the two gateway processes, and what they tell of themselves. Sourced by demo.

vgate() {
    "$root/vgate" "$@"
}

# Certificates for the gateways, and two that must be turned away: one that another authority issued in east-1's name,
# and one of the right authority for a site that west is not paired with.
issue_certificates() {
    local log="$logs/pki.log" pids=()
    (
        vgate pki ca --out "$run/pki" --name 'vgate demo' &&
            issue pki east east-1 && issue pki west west-1 && issue pki north north-1
    ) > "$log" 2>&1 &
    pids+=($!)
    (vgate pki ca --out "$run/other-pki" --name 'another authority' && issue other-pki east east-1) >> "$log" 2>&1 &
    pids+=($!)
    wait "${pids[0]}" && wait "${pids[1]}" || {
        fault="vgate pki failed: see $log"
        return 1
    }
    figure='an authority, and ECDSA P-256 keys of east-1 and west-1'
}

# issue AUTHORITY SITE GATEWAY
issue() {
    vgate pki issue --ca "$run/$1" --site "$2" --gateway "$3" --out "$run/$1"
}

start_gateways() {
    local site
    for site in "${sites[@]}"; do
        # The sample as it is, but for a socket of the demo's own. The paths in it are relative to where the file lies.
        mkdir -p "$run/$site" && ln -s ../pki "$run/$site/pki" &&
            { cat "$root/config-samples/two-sites/$site.yaml" && echo 'control: {socket: admin.sock}'; } \
                > "$run/$site/$site.yaml" || return 1
        spawn "$site-1" "$site-gw" "$root/vgate" run -c "$run/$site/$site.yaml"
    done
    for site in "${sites[@]}"; do
        until_deadline 15 ready_or_ended "$site" && [ -n "$(process "$site-1")" ] || {
            fault="$site-1 did not start: $(tail -n 1 "$logs/$site-1.log")"
            return 1
        }
    done
    figure="east-1 is process $(process east-1), west-1 is $(process west-1)"
}

ready_or_ended() {
    [ -z "$(process "$1-1")" ] || metrics "$1"
}

# By the admin socket, and not by TCP, so that the WAN's packets are all that the gateways' namespaces send.
metrics() {
    curl -sf --max-time 2 --unix-socket "$run/$1/admin.sock" http://localhost/metrics
}

# metric SITE PATTERN...: sum of the samples whose name and labels match all patterns (awk's).
metric() {
    local site="$1" pattern condition=1
    shift
    for pattern; do
        condition+=" && /$pattern/"
    done
    metrics "$site" | awk "/^#/ { next } $condition { sum += \$NF } END { printf \"%.0f\", sum }"
}

paired() {
    [ "$(metric east '^vgate_tunnel_up')" = 1 ] && [ "$(metric west '^vgate_tunnel_up')" = 1 ]
}

wait_for_tunnel() {
    until_deadline 15 paired || {
        fault="not paired: $(tail -n 1 "$logs/east-1.log")"
        return 1
    }
    figure=$(vgate status --socket "$run/east/admin.sock" --json | jq -r '.tunnels[0].cipherSuite')
    note_wan_counters
}
