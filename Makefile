# SPDX-License-Identifier: GPL-2.0
#
#   make            the programs, and the module for every kernel that has headers
#   make demo       two machines behind NATs join one network, in a virtual machine
#   make check      what a change has to pass
#   make check-long what takes longer
#   make bench      what a packet costs, beside what one would use instead
#   make genl       the netlink code, anew from genl-spec/wgmesh.yaml
#   make install    DESTDIR=, PREFIX=/usr/local
#   make install-module  the module, by DKMS, for every kernel that has headers
#   make uninstall  the same; keys, databases and settings stay
#   make clean
#
# A new file in one of the source directories needs no change here.

PREFIX  ?= /usr/local
VERSION := $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
O       := build

PROGRAMS := meshd mesh-server mesh-relayd meshctl
meshd_dir       := ctrl/agent
mesh-server_dir := ctrl/server
mesh-relayd_dir := ctrl/relay
meshctl_dir     := ctrl/cli

PACKAGES := glib-2.0 gio-2.0 gio-unix-2.0 libsoup-3.0 json-glib-1.0 sqlite3 libsodium nice \
	    libnl-3.0 libnl-genl-3.0 libnl-route-3.0 gnutls

# what is downloaded and not installed: tools/headers, tools/vm/kernel
cache := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/wgmesh

# Asked for when the first file is compiled: before that the packages may be missing. Headers of
# libraries are the system's wherever they are: what they do is no reason to warn.
pkg_config = PKG_CONFIG_PATH=$$PKG_CONFIG_PATH:$(cache)/headers/pkgconfig pkg-config
PKG_CFLAGS = $(eval PKG_CFLAGS := \
	$$(patsubst -I%,-isystem %,$$(shell $(pkg_config) --cflags $(PACKAGES))))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $$(shell $(pkg_config) --libs $(PACKAGES)))$(PKG_LIBS)

CFLAGS   ?= -O2 -g
WARNINGS := -Wall -Wextra -Werror
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer

# -iquote, for a header of the library may have the name of one of the system.
compile = $(CC) -std=gnu11 $(CFLAGS) $(WARNINGS) -MMD -MP -D_GNU_SOURCE \
	  -DWGMESH_VERSION='"$(VERSION)"' -iquote ctrl -Ikmod/include/uapi \
	  $(PKG_CFLAGS) $(CPPFLAGS) -c -o $@ $<
link    = $(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) \
	  -Wl,--start-group $(filter %.a,$^) -Wl,--end-group -Wl,--as-needed $(PKG_LIBS)

# make V=1 shows the commands, make -s nothing.
quiet := $(findstring s,$(firstword -$(MAKEFLAGS)))
say = $(if $(V),,$(if $(quiet),@,@echo '  $(1)      $@';))

# the kernels of this machine that have headers, and those that tools/vm/kernel got for the tests
test_kernels := $(cache)/kernels/6.*/lib/modules
TEST_KERNELS := $(notdir $(patsubst %/build,%,$(wildcard $(test_kernels)/*/build)))
KERNELS := $(sort $(patsubst /lib/modules/%/build,%,$(wildcard /lib/modules/*/build)) $(TEST_KERNELS))
kernel_build = $(firstword $(wildcard /lib/modules/$(1)/build $(test_kernels)/$(1)/build))

all: programs modules

# ---- the programs: as they are; with sanitizers below build/san; for fuzzers below build/fuzz ----

present := $(foreach p,$(PROGRAMS),$(if $(wildcard $($(p)_dir)/*.c),$(p)))

programs: $(present:%=$(O)/bin/%)
sanitized: $(present:%=$(O)/san/bin/%)

objects = $(patsubst %.c,$(1)/obj/%.o,$(wildcard $(2)/*.c))

# $(1): the directory of the outcome
define programs_rules
$(1)/obj/%.o: %.c
	@mkdir -p $$(@D)
	$$(call say,CC)$$(compile)

$(1)/%.a:
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(call say,AR)$(AR) rcs $$@ $$^

$(1)/libwgmesh.a: $(call objects,$(1),ctrl/lib)
$(foreach p,$(present),
$(1)/lib$(p).a: $(call objects,$(1),$($(p)_dir))
$(1)/bin/$(p): $(call objects,$(1),$($(p)_dir)) $(1)/libwgmesh.a
	@mkdir -p $$(@D)
	$$(call say,LD)$$(link)
)
endef

$(eval $(call programs_rules,$(O)))
$(eval $(call programs_rules,$(O)/san))
$(eval $(call programs_rules,$(O)/fuzz))

# which take long to compile, and at -O2 half as long again
$(O)/san/%: CFLAGS += -O1 $(SANITIZE)
$(O)/san/obj/tests/ctrl/test-pmtu.o: CPPFLAGS += -Itests/ctrl/kernel
$(O)/san/tests/test-leave: LDFLAGS += -Wl,--wrap=wireguard_open,--wrap=link_create_wireguard
$(O)/fuzz/%: CC := clang
$(O)/fuzz/%: CFLAGS += $(SANITIZE) -fsanitize=fuzzer-no-link

# ---- unit tests, with sanitizers ----
#
# tests/ctrl/test-NAME.c is linked with the library and with every program that it includes
# a header of; of an archive the linker takes what is asked for, so main() stays out.
# Other files there serve the tests, in the same way.

tests := $(patsubst tests/ctrl/%.c,%,$(wildcard tests/ctrl/test-*.c))
test_helpers := $(filter-out tests/ctrl/test-%,$(wildcard tests/ctrl/*.c))

used_programs = $(foreach p,$(present),$(if $(shell \
	grep -l '^\#include "$(notdir $($(p)_dir))/' $(1)),$(p)))

define test_rules
$(O)/san/tests/$(1): $(O)/san/obj/tests/ctrl/$(1).o $(O)/san/libwgmesh.a \
		$(O)/san/libtests.a \
		$(patsubst %,$(O)/san/lib%.a,$(call used_programs,tests/ctrl/$(1).c))
	@mkdir -p $$(@D)
	$$(call say,LD)$$(link)
endef

$(O)/san/libtests.a: $(test_helpers:%.c=$(O)/san/obj/%.o)

unit-tests: $(tests:%=$(O)/san/tests/%)

ifneq ($(filter unit-tests $(O)/san/tests/%,$(MAKECMDGOALS)),)
$(foreach t,$(tests),$(eval $(call test_rules,$(t))))
endif

# ---- fuzzers: tests/fuzz/NAME.c, linked as a unit test is; tests/fuzz/NAME/ has samples ----

fuzz := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))

define fuzz_rules
$(O)/fuzz/$(1): $(O)/fuzz/obj/tests/fuzz/$(1).o $(O)/fuzz/libwgmesh.a \
		$(patsubst %,$(O)/fuzz/lib%.a,$(call used_programs,tests/fuzz/$(1).c))
	$$(call say,LD)$$(link) -fsanitize=fuzzer
endef

fuzzers: $(fuzz:%=$(O)/fuzz/%)

ifneq ($(filter fuzzers $(O)/fuzz/%,$(MAKECMDGOALS)),)
$(foreach f,$(fuzz),$(eval $(call fuzz_rules,$(f))))
endif

# ---- what the benchmarks send with ----

load: $(O)/bench/load $(O)/bench/pace $(O)/bench/crowd $(O)/bench/nodes $(O)/bench/storm

$(O)/bench/load: $(call objects,$(O),tools/bench/load) $(O)/libwgmesh.a
	@mkdir -p $(@D)
	$(call say,LD)$(link)

bare: $(TEST_KERNELS:%=bare-%)

bare-%:
	@mkdir -p $(O)/bare-$*
	@cp -u tools/bench/bare/* $(O)/bare-$*
	+@$(MAKE) --no-print-directory -C $(call kernel_build,$*) M=$(CURDIR)/$(O)/bare-$* modules

$(O)/bench/crowd: $(call objects,$(O),tools/bench/crowd) $(O)/libwgmesh.a
	@mkdir -p $(@D)
	$(call say,LD)$(link)

$(O)/bench/nodes: $(call objects,$(O),tools/bench/nodes) $(O)/libmeshd.a $(O)/libwgmesh.a
	@mkdir -p $(@D)
	$(call say,LD)$(link)

# A node with no WireGuard, which is linked with other checkouts, too, is made where it is needed.
$(O)/bench/storm: $(filter-out %/witness.o,$(call objects,$(O),tools/bench/storm)) $(O)/libmeshd.a $(O)/libwgmesh.a
	@mkdir -p $(@D)
	$(call say,LD)$(link)

$(O)/bench/pace: $(call objects,$(O),tools/bench/pace) $(O)/obj/tools/bench/load/stream.o \
		$(O)/libwgmesh.a
	@mkdir -p $(@D)
	$(call say,LD)$(link)

# ---- the module, in a directory of links for each kernel, so that they coexist ----

modules: $(KERNELS:%=module-%)

module-%:
	@tools/link-kmod $(O)/kmod-$*
	+@$(MAKE) --no-print-directory -C $(O)/kmod-$* KDIR=$(call kernel_build,$*) W=1

# ---- what people and tests call ----

deps:
	@tools/deps check

demo:
	@tools/deps demo
	+$(MAKE) all
	tools/vm/run -- tools/demo

check: deps
	tests/run

check-long: deps
	tests/run --long

bench:
	@tools/deps bench
	+$(MAKE) all load bare
	tools/bench/run

genl:
	tools/genl

# ---- installation ----

BINDIR = $(PREFIX)/bin
UNITDIR = $(PREFIX)/lib/systemd/system
SYSUSERSDIR = $(PREFIX)/lib/sysusers.d
COMPLETIONDIR = $(PREFIX)/share/bash-completion/completions
DKMSDIR = /usr/src/wgmesh-$(VERSION)
units := $(wildcard systemd/*.service systemd/*.socket)

install: programs install-man install-dashboard install-completion install-units install-dkms
	install -d $(DESTDIR)$(BINDIR)
	install -m 755 $(present:%=$(O)/bin/%) $(DESTDIR)$(BINDIR)

install-man:
	set -e; for page in $(wildcard docs/*.[1578]); do \
		install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man$${page##*.} $$page; \
	done

install-dashboard:
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/wgmesh docs/grafana-mesh-relayd.json

install-completion: $(O)/bin/meshctl
	install -d $(DESTDIR)$(COMPLETIONDIR)
	$< completion bash >$(DESTDIR)$(COMPLETIONDIR)/meshctl

# Units name the programs by @bindir@.
install-units:
	set -e; for unit in $(units); do \
		install -d $(DESTDIR)$(UNITDIR); \
		sed 's|@bindir@|$(BINDIR)|g' $$unit >$(DESTDIR)$(UNITDIR)/$${unit##*/}; \
	done
	install -D -m 644 systemd/wgmesh.sysusers $(DESTDIR)$(SYSUSERSDIR)/wgmesh.conf
	$(if $(DESTDIR),,tools/reload-units $(SYSUSERSDIR)/wgmesh.conf)

install-dkms:
	install -D -m 644 -t $(DESTDIR)$(DKMSDIR) dkms.conf LICENSE
	cd kmod && find . -name '*.[ch]' -o -name Kbuild -o -name Makefile | \
		while read -r file; do \
			install -D -m 644 "$$file" "$(DESTDIR)$(DKMSDIR)/kmod/$$file"; \
		done

install-module: install-dkms
	$(if $(DESTDIR),,tools/dkms-all $(VERSION))

# What runs is stopped, and no node's interface is left without a meshd: "meshctl down" first.
uninstall:
	$(if $(DESTDIR),,tools/uninstall $(VERSION))
	rm -f $(present:%=$(DESTDIR)$(BINDIR)/%)
	rm -f $(foreach page,$(wildcard docs/*.[1578]),$(DESTDIR)$(PREFIX)/share/man/man$(subst .,,$(suffix $(page)))/$(notdir $(page)))
	rm -rf $(DESTDIR)$(PREFIX)/share/wgmesh $(DESTDIR)$(DKMSDIR)
	rm -f $(DESTDIR)$(COMPLETIONDIR)/meshctl
	rm -f $(units:systemd/%=$(DESTDIR)$(UNITDIR)/%)
	rm -f $(DESTDIR)$(SYSUSERSDIR)/wgmesh.conf
	$(if $(DESTDIR),,tools/reload-units)
	@echo 'Left are the groups wgmesh and wgmesh-admin, and /etc/wgmesh, /var/lib/wgmesh and /var/lib/wgmesh-server: settings, keys, the database.'

clean:
	rm -rf $(O)

.PHONY: all programs sanitized modules unit-tests fuzzers load bare deps demo check check-long bench genl clean
.PHONY: uninstall install install-module install-man install-dashboard install-completion install-units install-dkms
.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules

-include $(shell find $(O)/obj $(O)/san/obj $(O)/fuzz/obj -name '*.d' 2>/dev/null)
