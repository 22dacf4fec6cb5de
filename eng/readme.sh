#!/usr/bin/env bash
# Types the commands of the README, and those that the demonstration prints, as they stand: from the root of a fresh clone, and from another
# folder, where the path of the project is the only thing that is written differently. Needs the .NET SDK, curl, jq, unzip and openssl.
#
#   eng/readme.sh
#
# CLONE  a clone to use instead of a fresh one       PORT  the port instead of 8000 (default 18700)
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
export PORT=${PORT:-18700} DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
unset SUPABASE_DB_URL SUPABASE_URL SUPABASE_KEY GROQ_API_KEY ARTIFACT_DIR AGENTOPS_API_KEY AGENTOPS_SIGNING_KEY ENVIRONMENT
host=
trap 'stop_host; rm -rf "$work"' EXIT

stop_host() {
    [[ -n $host ]] || return 0
    kill -- "-$host" 2>/dev/null || true
    wait "$host" 2>/dev/null || true
    host=
}

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# The block of commands in a page that has this line.
block() {
    awk -v wanted="$2" '/^```bash$/ { in_block = 1; text = ""; next }
        /^```$/ { if (in_block && index(text, wanted)) { printf "%s", text; exit } in_block = 0 }
        in_block { text = text $0 "\n" }' "$1"
}

# As typed here: another port, and from another folder the path of the project.
typed() { sed -e "s|localhost:8000|localhost:$PORT|g" -e "s|--project samples/|--project ${before}samples/|g"; }

start_host() {
    local command
    command=$(block "$clone/README.md" '-- --demo' | typed)
    echo "\$ $command"
    set -m
    bash -c "$command" >"$work/host.log" 2>&1 &
    host=$!
    set +m
    for _ in $(seq 1200); do
        kill -0 "$host" 2>/dev/null || { cat "$work/host.log"; fail "The host ended."; }
        grep -q 'AgentOps.Rca answers on' "$work/host.log" && return
        sleep 0.5
    done
    fail "The host did not start."
}

# The commands under "check it:", one bundle after the other, each as it was printed.
check_printed_bundles() {
    local count
    count=$(grep -c '^  check it:$' "$work/host.log")
    [[ $count == 3 ]] || fail "The demonstration printed $count checks of bundles."
    for number in 1 2 3; do
        awk -v number="$number" '/^  check it:$/ { seen++; next } seen == number && /^    / { print; next } seen == number { exit }' "$work/host.log" >"$work/check.sh"
        echo "\$ $(head -1 "$work/check.sh" | sed 's/^ *//') …"
        bash -e "$work/check.sh" | grep -q '^Verified OK$' || fail "A printed bundle does not check."
    done
}

# Each command by itself, with the ids that the ones before it answered.
type_curl_block() {
    local id='' digest='' command='' line answer
    while IFS= read -r line; do
        [[ $line != '#'* && -n $line ]] || continue
        command+=$line$'\n'
        # A command goes on while its quotes are open or its line ends with a backslash.
        [[ $line != *\\ ]] && (($(tr -cd "'" <<<"$command" | wc -c) % 2 == 0)) || continue
        command=${command//<id>/$id}
        command=${command//<digest of the artifact>/$digest}
        echo "\$ ${command%%$'\n'*}"
        answer=$(bash -ec "$command") || fail "It ended with $?: $answer"
        [[ $answer != *urn:agentops-rca:problem* ]] || fail "$answer"
        [[ -n $id ]] || id=$(jq -r '.id // empty' <<<"$answer")
        [[ -n $digest || $command != *artifacts* ]] || digest=$(jq -r '.digest // empty' <<<"$answer")
        case $command in
        *'/rca/analyze'*) [[ $(jq -r .verdict <<<"$answer") == identified ]] || fail "$answer" ;;
        *'/replay/strict'*) [[ $(jq -r .verdict <<<"$answer") == reproduced ]] || fail "$answer" ;;
        *'verify bundle.zip'*) grep -q '^The bundle is valid\.$' <<<"$answer" || fail "$answer" ;;
        esac
        command=
    done < <(block "$clone/README.md" '# An incident' | typed)
    [[ -z $command ]] || fail "This command does not end: $command"
    [[ -n $id && -n $digest ]] || fail 'No incident or no artifact was made.'
}

# docs/report.md says behind its commands what they print.
type_report_block() {
    block "$clone/docs/report.md" 'report_digest' | typed >"$work/report.sh"
    local printed
    printed=$(bash -e "$work/report.sh") || fail "docs/report.md: $printed"
    [[ $(tail -1 <<<"$printed") == reproduced ]] || fail "docs/report.md: $printed"
    [[ $printed == *2025-02-11T10:00:00Z*1779168603150* ]] || fail "docs/report.md: $printed"
    echo "\$ the commands of docs/report.md"
}

# docs/importing.md sends a session that its reader has.
type_import_block() {
    local answer
    printf '%s\n' \
        '{"type":"user","sessionId":"s1","uuid":"u1","timestamp":"2026-01-02T03:00:00Z","message":{"role":"user","content":"Refund order A-17."}}' \
        '{"type":"assistant","sessionId":"s1","uuid":"u2","timestamp":"2026-01-02T03:00:02Z","message":{"id":"m1","role":"assistant","content":[{"type":"text","text":"Done."}]}}' \
        >session.jsonl
    block "$clone/docs/importing.md" '@session.jsonl' | typed >"$work/import.sh"
    grep -q curl "$work/import.sh" || fail 'docs/importing.md has no command.'
    answer=$(bash -e "$work/import.sh" 2>/dev/null) || fail "docs/importing.md: $answer"
    [[ $(jq -r '.spans.added + .spans.known' <<<"$answer") == 2 ]] || fail "docs/importing.md: $answer"
    rm session.jsonl
    echo "\$ the command of docs/importing.md"
}

clone=${CLONE:-$work/clone}
[[ -d $clone ]] || git clone -q "$root" "$clone"
clone=$(cd "$clone" && pwd)
mkdir "$work/elsewhere"
for place in "$clone" "$work/elsewhere"; do
    before=
    [[ $place == "$clone" ]] || before=$clone/
    echo "== in ${before:+another folder than }the repository's root"
    cd "$place"
    start_host
    check_printed_bundles
    type_curl_block
    type_report_block
    type_import_block
    stop_host
done
echo 'Every command did what the README says.'
