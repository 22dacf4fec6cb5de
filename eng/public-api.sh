#!/usr/bin/env bash
# Writes what is public of the packages beside their projects, where a review sees it.
#
#   eng/public-api.sh             writes PublicAPI.Unshipped.txt anew: what is public and not in PublicAPI.Shipped.txt. What was shipped
#                                 and is gone breaks programs, and is written by hand, as a line *REMOVED*…
#   eng/public-api.sh --ship      moves what is unshipped to PublicAPI.Shipped.txt: a part of a release
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export LC_ALL=C

ship() {
    local directory=$1
    {
        echo '#nullable enable'
        # A line *REMOVED* takes back one that was shipped.
        cat "$directory"/PublicAPI.{Shipped,Unshipped}.txt | grep -v '^#' | sort -u | awk '
            /^\*REMOVED\*/ { gone[substr($0, 10)]; next } { lines[++n] = $0 } END { for (i = 1; i <= n; i++) if (!(lines[i] in gone)) print lines[i] }'
    } >"$directory/PublicAPI.Shipped.txt.new"
    mv "$directory/PublicAPI.Shipped.txt.new" "$directory/PublicAPI.Shipped.txt"
    echo '#nullable enable' >"$directory/PublicAPI.Unshipped.txt"
}

for file in src/*/PublicAPI.Unshipped.txt; do
    directory=$(dirname "$file")
    if [[ ${1:-} == --ship ]]; then
        ship "$directory"
    else
        removed=$(grep '^\*REMOVED\*' "$file" || true)
        printf '#nullable enable\n%s' "${removed:+$removed$'\n'}" >"$file"
        dotnet format analyzers "$directory" --diagnostics RS0016 --severity info --no-restore
    fi
done
