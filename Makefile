# SPDX-License-Identifier: GPL-2.0
#
# netcoal: the module, the tool, the lab and the tests. `make help` lists all.

BUILD   := build
PREFIX  ?= /usr
DESTDIR ?=
# The kernels that everything is built for and tested on, by Debian's name.
KERNELS := 6.1 6.12
headers  = $(foreach k,$(KERNELS),/usr/src/linux-headers-$(shell tools/lab/fetch --release $(k)))

.DEFAULT_GOAL := help
.PHONY: help modules tools load sim unit style spec check check-all demo bench own-cost results hypervisors tables lab install uninstall clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

modules: ## build netcoal.ko for the lab's kernels, or for KDIR=/lib/modules/.../build
	@KDIR="$(KDIR)" tools/deps $(if $(KDIR),module,build)
	@for kdir in $(or $(KDIR),$(headers)); do \
		tools/build-module $(if $(KDIR),-m) $$kdir $(BUILD)/modules || exit 1; \
	done

tools: ## build the command netcoal, in build/
	@tools/deps tool
	@$(MAKE) -s -C tools/netcoal O=$(abspath $(BUILD))

load: ## build the lab's load generator, in build/
	@tools/deps tool
	@$(MAKE) -s -C tools/lab/load O=$(abspath $(BUILD))

sim: ## build the simulator netcoal-sim, in build/
	@tools/deps tool sim
	@$(MAKE) -s -C tools/sim O=$(abspath $(BUILD))

unit: ## run the unit tests of the pure files and of the tool
	@tools/deps unit tool
	@$(MAKE) -s -C unit check

style: ## look at the sources: checkpatch, sparse, shellcheck, codespell, rst
	@tools/style

spec: ## generate the netlink code anew from its spec; SPEC=check only compares
	@tools/deps spec
	@tools/spec $(SPEC)

check: ## run all tests: unit, builds, style, selftests in the lab (under 20 min)
	@tools/check

check-all: ## check, and the long matrix
	@tools/check --all

demo: ## show the main job on real drivers in the lab (under 5 min)
	@tools/lab/demo

bench: ## measure devices, loads and contenders: QUICK=1 in 10 min, else under 90; SAMPLES=5
	@tools/lab/bench $(if $(QUICK),--quick) $(if $(SAMPLES),--samples $(SAMPLES))

own-cost: ## measure what netcoal itself costs: a poll, a queue; NATIVE=1 in ns of this machine
	@tools/lab/own-cost $(if $(NATIVE),--native)

results: ## put the committed results of the benchmark into the README
	@tools/lab/results Documentation/results/bench.json README.md

hypervisors: modules tools load ## measure netcoal on Xen, containers and bonds, in the lab (under 20 min)
	@tools/deps lab report
	@tools/lab/hypervisors

tables: ## put what make hypervisors measured into Documentation/hypervisors.rst
	@tools/lab/hypervisors-tables --keep $(BUILD)/lab/hypervisors/cells.json \
		Documentation/results/hypervisors.json
	@tools/lab/hypervisors-tables Documentation/results/hypervisors.json \
		Documentation/hypervisors.rst

lab: modules tools load ## boot the lab with a shell
	@tools/deps lab
	@tools/lab/run

install: ## install the module for the running kernel (or KDIR=), and the tool
	@tools/install install "$(PREFIX)" "$(DESTDIR)" $(KDIR)

uninstall: ## remove what install put
	@tools/install uninstall "$(PREFIX)" "$(DESTDIR)" $(KDIR)

clean: ## remove build/
	@rm -rf $(BUILD)
