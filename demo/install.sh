# Installs what is missing, and has it built. Sourced by demo.

# A command that the demo needs, or that it tells to try, and the Debian package that has it.
needed() {
    cat << 'NEEDED'
javac openjdk-17-jdk-headless
mvn maven
ip iproute2
ping iputils-ping
socat socat
curl curl
jq jq
openssl openssl
tcpdump tcpdump
NEEDED
}

missing_packages() {
    local command package
    needed | while read -r command package; do
        command -v "$command" > /dev/null || echo "$package"
    done
}

install_packages() {
    local missing
    mapfile -t missing < <(missing_packages)
    if [ ${#missing[@]} = 0 ]; then
        figure='all there'
        return
    fi
    command -v apt-get > /dev/null || {
        fault="please install ${missing[*]} (there is no apt-get here)"
        return 1
    }
    announce "installing ${missing[*]}"
    # In a session of its own, apt-get finishes even if the demo is ended: half-installed packages would be worse.
    if ! follow install setsid apt-get -qq update ||
        ! follow install setsid env DEBIAN_FRONTEND=noninteractive \
            apt-get -q -y --no-install-recommends install "${missing[@]}"; then
        fault="apt-get failed: see $logs/install.log"
        return 1
    fi
    figure="installed ${missing[*]}"
}

# The launcher builds when something has changed, and shows where it is.
build() {
    printf '%s' "$clear_line"
    vgate version > "$logs/version.log" || {
        fault='the build failed'
        return 1
    }
    read -r figure < "$logs/version.log"
}

# follow LOG COMMAND...: runs the command with its output in LOG.log, and shows where it is: on a terminal by its latest
# line, else by a line each quarter of a minute.
follow() {
    local log="$logs/$1.log" started=$SECONDS told=0 status=0 pid
    shift
    "$@" >> "$log" 2>&1 < /dev/null 9>&- &
    pid=$!
    while kill -0 "$pid" 2> /dev/null; do
        if [ -n "$clear_line" ]; then
            progress "$((SECONDS - started)) s" "$(tail -n 1 "$log" | cut -c 1-70)"
        elif [ $((SECONDS - started)) -ge $((told + 15)) ]; then
            told=$((SECONDS - started))
            detail "$told s: $(tail -n 1 "$log" | cut -c 1-70)"
        fi
        sleep 0.2
    done
    wait "$pid" || status=$?
    return $status
}

announce() {
    printf '%s' "$clear_line"
    detail "$1"
}
