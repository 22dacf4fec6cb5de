#!/usr/bin/env bash
# Prints what the long trials of one run counted (a file of table rows) as a page: machine, date, command, results.
set -euo pipefail
cat <<END
# Long trials

- Machine: $(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo), $(nproc) processors, $(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo), $(. /etc/os-release && echo "$PRETTY_NAME"), .NET SDK $(dotnet --version)
- Date: $(date -u '+%Y-%m-%d %H:%M UTC')
- Command: \`./test.sh${AGENTOPS_FULL:+ --full}\`

| trial | result |
| --- | --- |
END
sort "$1"
