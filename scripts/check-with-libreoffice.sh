#!/bin/sh
# Opens files of Retex with LibreOffice and compares what LibreOffice read with what was written. LibreOffice is neither needed to run Retex
# nor by its tests: this is a check by a program that shares nothing with ours.
#
#   apt-get install --no-install-recommends libreoffice-writer libreoffice-calc
#
#   scripts/check-with-libreoffice.sh           writes a letter, a booklet and a workbook full of awkward texts, and checks them:
#                                               DOCX, ODT: every text in its order, every heading at its level; XLSX, ODS: every cell, typed
#   scripts/check-with-libreoffice.sh FOLDER    checks the exports downloaded into FOLDER instead: NAME.xlsx and NAME.ods against the
#                                               NAME.csv of the same export, NAME.docx and NAME.odt against the text that Retex reads there
#
# SOFFICE names the program when it is not on the path. Exit status: 0 all equal, 1 something differs, 2 nothing could be checked.
set -eu

soffice=${SOFFICE:-$(command -v soffice || command -v libreoffice || true)}
if [ -z "$soffice" ]; then
  echo "LibreOffice is not installed (no soffice on the path): nothing was checked." >&2
  exit 2
fi

here=$(cd "$(dirname "$0")" && pwd)
node="$here/../node_modules/.bin/node"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/files" "$work/read"

if [ $# -gt 0 ]; then
  for file in "$1"/*.csv "$1"/*.xlsx "$1"/*.ods "$1"/*.docx "$1"/*.odt; do
    if [ -e "$file" ]; then cp "$file" "$work/files/"; fi
  done
else
  "$node" "$here/check-with-libreoffice.ts" write "$work/files"
fi

# A profile of its own: nothing of the person's settings is used or changed, and an open LibreOffice is not disturbed.
convert() {
  "$soffice" "-env:UserInstallation=file://$work/profile" --headless --convert-to "$1" --outdir "$2" "$3" > "$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
}
for file in "$work"/files/*; do
  name=$(basename "$file")
  mkdir "$work/read/$name"
  case "$name" in
    # Semicolons, quotes, UTF-8, cells as shown, every sheet.
    *.xlsx | *.ods) convert 'csv:Text - txt - csv (StarCalc):59,34,76,1,,0,false,true,false,false,false,-1' "$work/read/$name" "$file" ;;
    *.docx | *.odt)
      convert 'txt:Text (encoded):UTF8' "$work/read/$name" "$file"
      convert 'html:HTML (StarWriter)' "$work/read/$name" "$file"
      ;;
  esac
done

"$soffice" --version 2> /dev/null | head -n 1 || true
"$node" "$here/check-with-libreoffice.ts" compare "$work/files" "$work/read"
