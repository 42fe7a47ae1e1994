# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Debian packages that are looked into and not installed, of any suite: by a state of apt's own,
# for which nothing is installed, from the mirrors of the machine's apt.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/wgmesh

# suite_sources SUITE: the machine's own mirrors, updates and security with them, for that suite
suite_sources()
{
	local keyring=/usr/share/keyrings/debian-archive-keyring.gpg codename uri release component

	codename=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
			'Created-By: Packages' 'Origin: Debian' |
		while read -r uri release component; do
			[ "$component" = main ] || continue
			case $1/$release in
			"$codename/$codename"*|unstable/"$codename"|[!u]*/"$codename"*)
				echo "deb [signed-by=$keyring] $uri ${release/#$codename/$1} main" ;;
			esac
		done | sort -u
}

# use_suite SUITE DIR: sets $apt, the options by which apt-get and apt-cache know the packages of the
# suite as of now; keeps its state in DIR, which whoever calls removes
use_suite()
{
	mkdir -p "$2/lists/partial" "$2/cache/archives/partial" || return
	: >"$2/status"
	suite_sources "$1" >"$2/sources.list"
	[ -s "$2/sources.list" ] || {
		echo "apt has no mirror of Debian: see /etc/apt/sources.list.d" >&2
		return 1
	}
	apt=(-q -o Dir::State::lists="$2/lists" -o Dir::Cache="$2/cache" -o Dir::State::status="$2/status"
		-o Dir::Etc::sourcelist="$2/sources.list" -o Dir::Etc::sourceparts=/dev/null
		-o APT::Sandbox::User=root -o Acquire::Languages=none -o APT::Install-Recommends=false)
	apt-get "${apt[@]}" update
}
