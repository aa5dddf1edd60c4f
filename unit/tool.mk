# SPDX-License-Identifier: GPL-2.0
#
# Unit tests of the command netcoal, for unit/Makefile. They are userspace
# through and through: the headers that stand in for the kernel's stay away.

tool := $(root)/tools/netcoal
tool_srcs := $(wildcard $(tool)/*.c)
tool_tests := $(patsubst $(root)/unit/%.c,%,$(wildcard $(root)/unit/test_tool_*.c))

SRCS_test_tool_parse := $(tool)/parse.c $(tool)/print.c
SRCS_test_tool_print := $(addprefix $(tool)/,event.c fields.c names.c nl.c parse.c print.c)
SRCS_test_tool_spec := $(tool)/fields.c $(tool)/names.c
SRCS_test_tool_command := $(root)/unit/tool_kernel.c $(tool_srcs)

# The test has a main() of its own
CFLAGS_test_tool_command := -Dmain=netcoal_main -DNETCOAL_VERSION='"unit"'
CFLAGS_test_tool_spec := -DSPEC='"$(root)/Documentation/netlink/specs/netcoal.yaml"'

$(foreach t,$(tool_tests),$(eval LIBS_$(t) := -lmnl -ljansson))

$(O)/test_tool_%: CFLAGS_UNIT := -std=gnu11 -g -O1 -Wall -Wextra -Wno-unused-parameter \
	-fsanitize=address,undefined -fno-sanitize-recover=all \
	-I$(root)/include/uapi -I$(tool) -I$(root)/unit

$(addprefix $(O)/,$(tool_tests)): $(wildcard $(tool)/*.h) $(root)/unit/tool.mk
