#!/bin/sh
# Exports a register made for the purpose in every format, has LibreOffice open the files, and compares cell by cell and text by text:
# XLSX and ODS (recommendations and history) against the CSV of the same export, the DOCX and ODT booklets against what Retex reads there.
# That the CSV says what the database holds is a test of its own (test/exports/files.test.ts). LibreOffice is neither needed to run Retex nor
# by its tests; check-with-libreoffice.sh says what to install.
#
#   scripts/check-exports.sh [COUNT]     a register of COUNT recommendations (400 unless told otherwise)
#
# Exit status: 0 all equal, 1 something differs, 2 nothing could be checked.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$here/../node_modules/.bin/node" "$here/check-exports.ts" "$work" "${1:-400}"
status=0
sh "$here/check-with-libreoffice.sh" "$work" || status=$?
exit "$status"
