#!/usr/bin/env bash
# Reads the result files (*.trx) under a directory and prints what each run of tests took, then each test that failed, with the first lines
# of what it said, so that the end of a log suffices to know what went wrong.
set -euo pipefail
find "$1" -name '*.trx' -print0 | sort -z | xargs -0 -r awk '
    function attribute(name) { return match($0, " " name "=\"[^\"]*\"") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : "" }
    function plain(text) {
        gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&quot;/, "\"", text); gsub(/&#x[0-9A-Fa-f]+;/, " ", text); gsub(/&amp;/, "\\&", text)
        return text
    }
    function seconds(time,   parts) { split(substr(time, 12, 8), parts, ":"); return parts[1] * 3600 + parts[2] * 60 + parts[3] }
    FNR == 1 { failed = 0; left = 0; suite = "" }
    /<Times / { took = (seconds(attribute("finish")) - seconds(attribute("start")) + 86400) % 86400 }
    /<UnitTestResult / { failed = attribute("outcome") == "Failed"; left = 0; if (failed) failures = failures "FAILED " plain(attribute("testName")) "\n" }
    suite == "" && / codeBase="/ { suite = attribute("codeBase"); sub(/.*\//, "", suite); printf "%s: %d:%02d min\n", suite, took / 60, took % 60 }
    failed && sub(/.*<(Message|StackTrace)>/, "") { left = 6 }
    left > 0 { line = $0; sub(/<\/(Message|StackTrace)>.*/, "", line); failures = failures "    " plain(substr(line, 1, 400)) "\n"; left = $0 ~ /<\/(Message|StackTrace)>/ ? 0 : left - 1 }
    END { printf "%s", failures }'
