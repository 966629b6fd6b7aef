#!/bin/sh
# The rooms of src/README.md and who may call whom: fails on an include that the table there does
# not allow, and on a table that no longer fits the folders. Proves on a planted fault that it can fail.
set -eu
: "${srcdir:=.}"

# Prints every forbidden include below the folder $1, judged by the table in the file $2.
forbidden() {
    # shellcheck disable=SC2016  # the dollar signs are awk's
    find "$1/src" "$1/include" -name '*.[ch]' | sort | xargs awk -v tables="$2" '
        BEGIN {
            libraries = "event2 openssl iniparser jansson pcre2 cap-ng curl systemd sqlite3 nftables libmnl libnftnl"
            n = split(libraries, known)
            while ((getline line < tables) > 0) {
                if (split(line, cell, "|") < 6 || line ~ /^\| *(room|-)/) continue
                gsub(/ /, "", cell[2])
                rooms[cell[2]] = 1
                may[cell[2]] = " " cell[2] " " cell[4] " "
                library[cell[2]] = " " cell[5] " "
            }
        }
        FNR == 1 { split(FILENAME, path, "/(src|include)/"); room = path[2]; sub(/\/.*/, "", room) }
        FNR == 1 && !(room in rooms) { print FILENAME ": room " room " is not in the table" }
        /^#include "/ {
            target = $2; gsub(/"/, "", target); to = target; sub(/\/.*/, "", to)
            if (index(may[room], " " to " ") == 0)
                print FILENAME ":" FNR ": " room " may not use " to " (" target ")"
        }
        /^#include </ {
            target = $2; gsub(/[<>]/, "", target)
            for (i = 1; i <= n; i++)
                if (index(target, known[i]) == 1 && index(library[room], " " known[i] " ") == 0)
                    print FILENAME ":" FNR ": " room " may not use " known[i] " (" target ")"
        }'
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/src/base" "$scratch/include/base" "$scratch/src/attic"
printf '#include "proxy/intercept.h"\n#include <event2/event.h>\n' > "$scratch/src/base/bad.c"
printf 'int x;\n' > "$scratch/src/attic/x.c"
planted=$(forbidden "$scratch" "$srcdir/src/README.md" | wc -l)
if [ "$planted" -ne 3 ]; then
    echo "the check found $planted of 3 planted faults"
    exit 1
fi

found=$(forbidden "$srcdir" "$srcdir/src/README.md")
if [ -n "$found" ]; then
    echo "$found"
    echo "See \"Rooms\" in src/README.md: move the code, or the wall."
    exit 1
fi
echo "rooms: $(find "$srcdir/src" "$srcdir/include" -name '*.[ch]' | wc -l) files, no forbidden include"
