#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# "wg syncconf" makes an interface what a file says, but of what the file leaves out it erases some and
# keeps the rest: the port and the private key go, a peer's endpoint, pre-shared key and keep-alive stay.
#
# What:   wg 1.0.20210914-1+b1 on wireguard-go 0.0.20220316-1+b4 (Debian 12)
# Guess:  as with setconf everything that is left out goes, or, for it is about not disturbing
#         sessions, everything stays; and a file without a private key is refused.
# Seen:   exit 0
#         port 51820: another one
#         private key: gone
#         endpoint: kept
#         pre-shared key: kept
#         keep-alive: kept
#         allowed addresses: gone
# So:     a file of peers alone takes an interface off the network without an error; to take a peer's
#         pre-shared key away, it has to be removed and added.
#
# As root, in a network namespace of its own. Fails when it is no longer so.
set -eu
umask 077
if [ -z "${work-}" ]; then
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	(cd "$work" && apt-get -qq -o APT::Sandbox::User=root download \
		wireguard-tools=1.0.20210914-1+b1 wireguard-go=0.0.20220316-1+b4)
	work=$work unshare --net --mount "$0"
	exit
fi
cd "$work"
for package in *.deb; do
	dpkg-deb -x "$package" .
done
PATH=$work/usr/bin:$PATH
mount -t tmpfs run /run # where the sockets of wireguard-go are
wireguard-go -f wg9 >log 2>&1 &
trap 'ip link delete wg9' EXIT # ends it
until wg show wg9 >/dev/null 2>&1; do
	kill -0 $!
	read -rt 0.1 <> <(:) || :
done

peer=$(wg genkey | wg pubkey)
wg genkey >private
wg genpsk >shared
wg set wg9 listen-port 51820 private-key private peer "$peer" preshared-key shared \
	persistent-keepalive 25 endpoint 192.0.2.1:5000 allowed-ips 10.0.0.1/32
printf '[Peer]\nPublicKey = %s\n' "$peer" >peers.conf
status=0
wg syncconf wg9 peers.conf || status=$?

# tell WHAT FIELD BEFORE EMPTY
tell()
{
	local now

	now=$(wg show wg9 "$2" | awk '{ print $NF }')
	case $now in
	"$3") echo "$1: kept" ;;
	"$4") echo "$1: gone" ;;
	*) echo "$1: another one" ;;
	esac
}
{
	echo "exit $status"
	tell 'port 51820' listen-port 51820 0
	tell 'private key' private-key "$(<private)" '(none)'
	tell endpoint endpoints 192.0.2.1:5000 '(none)'
	tell 'pre-shared key' preshared-keys "$(<shared)" '(none)'
	tell keep-alive persistent-keepalive 25 off
	tell 'allowed addresses' allowed-ips 10.0.0.1/32 '(none)'
} | tee seen
diff -u - seen <<'END'
exit 0
port 51820: another one
private key: gone
endpoint: kept
pre-shared key: kept
keep-alive: kept
allowed addresses: gone
END
echo "as it was found to be"
