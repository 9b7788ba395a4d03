#!/bin/bash
# The table of the results, in Markdown, with columns that are aligned for people: bench/table.sh results.json
set -euo pipefail

jq -r -f "$(dirname "$0")/table.jq" "$1" | awk -F ' *[|] *' '
    { rows++; if (NF > columns) columns = NF; for (i = 2; i < NF; i++) { cell[rows, i] = $i; if (length($i) > width[i]) width[i] = length($i) } }
    END {
        for (row = 1; row <= rows; row++) {
            line = "|"
            for (i = 2; i < columns; i++) {
                text = cell[row, i]
                if (row == 2) { text = ""; for (n = 0; n < width[i]; n++) text = text "-" }
                line = line sprintf(" %-" width[i] "s |", text)
            }
            print line
        }
    }'
jq -r '(.skipped[] | "\nNot measured: \(.name): \(.why)"), (.failed[] | "\nFailed: \(.)")' "$1"
