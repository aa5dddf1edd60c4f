// SPDX-License-Identifier: GPL-2.0
/* The command knows every attribute and every name that the specification has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <string.h>

#include "fields.h"
#include "names.h"

/**
 * struct entry - an item of one of the specification's lists
 * @list: name of the enum or attribute set that it is in
 * @name: its name
 * @type: type of an attribute, or ""
 * @enum_name: enum of an attribute, or ""
 */
struct entry {
	char list[32];
	char name[32];
	char type[16];
	char enum_name[32];
};

static struct entry entries[512];
static size_t entry_count;

/* The value if the line is "KEY: VALUE" at this indent, else NULL. */
static char *value_at(char *line, size_t indent, const char *key)
{
	size_t len = strlen(key);

	if (strspn(line, " ") != indent || strncmp(line + indent, key, len))
		return NULL;
	line[strcspn(line, "\n")] = '\0';
	return line + indent + len;
}

/*
 * Enough of YAML for this file: lists of definitions and attribute sets stand
 * at indent 4, what is in them at indent 8.
 */
static void read_line(char *line, char *list)
{
	struct entry *last = entry_count ? &entries[entry_count - 1] : NULL;
	char *value;

	if ((value = value_at(line, 4, "name: "))) {
		snprintf(list, sizeof(last->list), "%s", value);
	} else if ((value = value_at(line, 8, "name: "))) {
		assert_true(entry_count < NC_ARRAY_SIZE(entries));
		last = &entries[entry_count++];
		snprintf(last->list, sizeof(last->list), "%s", list);
		snprintf(last->name, sizeof(last->name), "%s", value);
	} else if (last && (value = value_at(line, 8, "type: "))) {
		snprintf(last->type, sizeof(last->type), "%s", value);
	} else if (last && (value = value_at(line, 8, "enum: "))) {
		snprintf(last->enum_name, sizeof(last->enum_name), "%s", value);
	}
}

static int read_spec(void **state)
{
	FILE *file = fopen(SPEC, "r");
	char line[512], list[32] = "";

	if (!file) {
		print_error("cannot open %s\n", SPEC);
		return -1;
	}
	while (fgets(line, sizeof(line), file) && strcmp(line, "operations:\n"))
		read_line(line, list);
	fclose(file);
	return 0;
}

static const struct nc_names *names_of(const char *enum_name)
{
	static const struct {
		const char *name;
		const struct nc_names *names;
	} all[] = {
		{ "actuator", &nc_actuator_names },
		{ "prefer", &nc_prefer_names },
		{ "state", &nc_state_names },
		{ "reason", &nc_reason_names },
		{ "bound", &nc_bound_names },
		{ "cap-state", &nc_cap_state_names },
		{ "remote", &nc_remote_names },
		{ "verdict", &nc_verdict_names },
	};

	for (size_t i = 0; i < NC_ARRAY_SIZE(all); i++) {
		if (!strcmp(all[i].name, enum_name))
			return all[i].names;
	}
	fail_msg("enum %s is unknown", enum_name);
	return NULL;
}

/* Also where an enum and an attribute set have one name: only sets have types. */
static void check_enum(const char *enum_name)
{
	const struct nc_names *names = names_of(enum_name);
	size_t value = 0;

	for (size_t i = 0; i < entry_count; i++) {
		if (strcmp(entries[i].list, enum_name) || *entries[i].type)
			continue;
		assert_in_range(value, 0, names->count - 1);
		assert_string_equal(names->name[value++], entries[i].name);
	}
	assert_int_equal(value, names->count);
}

static void enums(void **state)
{
	check_enum("actuator");
	check_enum("prefer");
	check_enum("state");
	check_enum("reason");
	check_enum("bound");
	check_enum("cap-state");
	check_enum("remote");
	check_enum("verdict");
}

static bool kind_fits(const struct nc_field *field, const struct entry *entry)
{
	switch (field->kind) {
	case NC_STRING:
		return !strcmp(entry->type, "string");
	case NC_U64:
		return !strcmp(entry->type, "u64");
	case NC_ENUM:
		return *entry->enum_name && field->names == names_of(entry->enum_name);
	case NC_SPAN:
		return *entry->type == 'u' && strstr(entry->name, "ns");
	case NC_TIME:
		return !strcmp(entry->type, "u32") && strstr(entry->name, "-ns");
	default:
		return !strcmp(entry->type, "u32") && !*entry->enum_name;
	}
}

static void check_field(const struct nc_fields *fields, const struct entry *entry,
			uint16_t attr)
{
	for (size_t i = 0; i < fields->count; i++) {
		const struct nc_field *field = &fields->field[i];

		if (strcmp(field->name, entry->name))
			continue;
		assert_int_equal(field->attr, attr);
		if (!kind_fits(field, entry))
			fail_msg("%s.%s is of another kind", entry->list, entry->name);
		return;
	}
	fail_msg("%s.%s is not shown", entry->list, entry->name);
}

static void check_fields(const char *set, const struct nc_fields *fields)
{
	size_t shown = 0;
	uint16_t attr = 0;

	for (size_t i = 0; i < entry_count; i++) {
		if (strcmp(entries[i].list, set) || !*entries[i].type)
			continue;
		attr++;
		/* a flag is only ever asked for */
		if (!strcmp(entries[i].type, "pad") || !strcmp(entries[i].type, "flag"))
			continue;
		/* what is in a nest has fields of its own */
		if (!strcmp(entries[i].type, "nest"))
			continue;
		check_field(fields, &entries[i], attr);
		shown++;
	}
	assert_int_equal(shown, fields->count);
}

static void attributes(void **state)
{
	check_fields("policy", &nc_policy_fields);
	check_fields("dev", &nc_dev_fields);
	check_fields("queue", &nc_queue_fields);
	check_fields("path", &nc_path_fields);
	check_fields("path-stage", &nc_stage_fields);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(enums),
		cmocka_unit_test(attributes),
	};

	return cmocka_run_group_tests(tests, read_spec, NULL);
}
