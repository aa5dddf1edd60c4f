# SPDX-License-Identifier: GPL-2.0
# The lab's own programs for Xen's domains. Builds in $(O), against the Xen
# that is extracted in $(XEN).

libs	:= $(XEN)/usr/lib/x86_64-linux-gnu
CFLAGS	:= -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Wshadow -Werror

.PHONY: all
all: $(O)/xen-meter $(O)/xen-load

$(O)/xen-meter: xen-meter.c $(XEN)/xen xen.mk | $(O)
	$(CC) $(CFLAGS) -I$(XEN)/usr/include -o $@ $< -L$(libs) -lxenctrl -Wl,-rpath-link,$(libs)

$(O)/xen-load: xen-load.c load/hist.c load/die.c load/hist.h xen.mk | $(O)
	$(CC) $(CFLAGS) -o $@ $(filter %.c,$^) -lm

$(O):
	mkdir -p $@
