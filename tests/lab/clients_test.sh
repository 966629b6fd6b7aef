#!/usr/bin/env bash
# Real clients and the explanation: what contrib/check-clients shows of all, here of those that every
# test machine has. Each sends a message from a home of its own, at the adaptive stage; what reaches the
# person is no worse than tests/clients/expected.tsv says.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/clients/clients.sh"
lab_enter "$0" "$@"
lab_need_root "every client has a root of its own, with other users"
lab_need postfix swaks curl perl msmtp
rows=$(CLIENTS_ROOT=host clients_rows postfix swaks curl python perl msmtp | grep -P '\t(default|plain)\t')
clients_up
clients_homes "$rows"
clients_stage adaptive "$rows"
clients_results > "$LAB_DIR/results.tsv"
cat "$LAB_DIR/results.tsv"
expect "the explanation reaches all whom it can reach" python3 "$CLIENTS_SOURCE/table.py" --quiet \
    --expected "$CLIENTS_SOURCE/expected.tsv" --earlier "$CLIENTS_SOURCE/earlier.tsv" "$LAB_DIR/results.tsv"
