#!/usr/bin/env bash
# Prints the line coverage of one assembly over all coverage files (Cobertura) under a directory; fails below the given per cent.
set -euo pipefail
assembly=$1 results=$2 floor=$3
mapfile -d '' files < <(find "$results" -name 'coverage.cobertura.xml' -print0)
((${#files[@]})) || { echo "There is no coverage file under $results." >&2; exit 1; }
awk -v assembly="$assembly" -v floor="$floor" '
    function attribute(name) { return match($0, " " name "=\"[^\"]*\"") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : "" }
    # A file is named relative to the root of its report, and each report has a root of its own.
    FNR == 1 { root = "" }
    /<source>/ { root = $0; gsub(/.*<source>|<\/source>.*/, "", root) }
    /<package / { inside = attribute("name") == assembly }
    inside && /<class / { name = attribute("filename"); file = name ~ /^\// ? name : root name }
    inside && /<line / { key = file ":" attribute("number"); if (!(key in hits)) lines++; if (attribute("hits") > 0 && !hits[key]) { hits[key] = 1; covered++ } else hits[key] += 0 }
    END {
        share = lines ? 100 * covered / lines : 0
        printf "%s: %.1f %% of %d lines (at least %d %%)\n", assembly, share, lines, floor
        exit share < floor
    }' "${files[@]}"
