#!/bin/sh
# Debian's or Ubuntu's own source of libcurl, with its patches: fetch_curl.sh DIR prints the folder that it is in, below
# DIR. The system's list of sources stays as it is: a copy of it asks for source packages, and apt keeps in DIR all that it
# fetches. No root is needed.
set -eu
mkdir -p "$1"
dir=$(cd "$1" && pwd)

# One that is here is good: a newer one is fetched once DIR is gone.
found() { set -- "$dir"/curl_*/curl-*/CMakeLists.txt && [ -f "$1" ] && dirname -- "$1"; }
found && exit

command -v apt-get >/dev/null || { echo "no apt-get here" >&2; exit 1; }
command -v dpkg-source >/dev/null || { echo "no dpkg-source here; apt-get install dpkg-dev" >&2; exit 1; }

rm -rf "$dir/apt" "$dir/new"
mkdir -p "$dir/apt/sources" "$dir/apt/state/lists/partial" "$dir/apt/cache/archives/partial" "$dir/new"
for list in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
  to=$dir/apt/sources/$(basename -- "$list")
  case $list in
    *.list) [ ! -f "$list" ] || sed -n 's/^[[:space:]]*deb[[:space:]]/deb-src /p' "$list" >"$to" ;;
    *.sources) [ ! -f "$list" ] || sed 's/^Types:.*/Types: deb-src/' "$list" >"$to" ;;
  esac
done

apt() {
  apt-get -q -o Dir::State="$dir/apt/state" -o Dir::Cache="$dir/apt/cache" -o Dir::Etc::sourcelist=/dev/null \
    -o Dir::Etc::sourceparts="$dir/apt/sources" -o APT::Sandbox::User=root -o Acquire::Retries=3 "$@" </dev/null >&2
}
apt update || echo "not every source could be asked" >&2  # some other one, maybe: the next line decides
(cd "$dir/new" && apt source curl) || { echo "apt-get source curl failed" >&2; exit 1; }
dsc=$(basename -- "$dir/new"/curl_*.dsc .dsc)
mv "$dir/new" "$dir/$dsc"
rm -rf "$dir/apt" "$dir/$dsc"/*.tar.* "$dir/$dsc"/*.asc
found
