// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "die.h"
#include "jobs.h"

#define BAR_WIDTH	40

static FILE *start(int i, json_t *(*work)(int i, void *arg), void *arg)
{
	FILE *out = tmpfile();
	pid_t pid;

	if (!out)
		die("temporary file: %s", strerror(errno));
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid)
		return out;
	json_dumpf(work(i, arg), out, JSON_COMPACT);
	fflush(out);
	_exit(0);
}

/* On a terminal a bar that stays; elsewhere nothing, as nobody watches. */
static void show(int done, int n, time_t since)
{
	int left = done ? (int)((time(NULL) - since) * (n - done) / done) : 0;

	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r[%.*s%*s] %d/%d loads, %d:%02d left %s",
			done * BAR_WIDTH / n, "########################################",
			BAR_WIDTH - done * BAR_WIDTH / n, "", done, n, left / 60,
			left % 60, done == n ? "\n" : "");
}

static void wait_for_one(void)
{
	int status;
	pid_t pid = wait(&status);

	if (pid < 0)
		die("wait: %s", strerror(errno));
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		die("a comparison failed");
}

static json_t *collect(FILE **out, int n)
{
	json_t *all = json_array(), *part;
	int i;

	for (i = 0; i < n; i++) {
		rewind(out[i]);
		part = json_loadf(out[i], 0, NULL);
		if (!part)
			die("a comparison left no result");
		json_array_extend(all, part);
		json_decref(part);
		fclose(out[i]);
	}
	return all;
}

/**
 * jobs_run() - run pieces of work side by side
 * @n: their number
 * @at_once: how many run at any time
 * @work: runs the one of a number, in a process of its own, returns an array
 * @arg: for @work
 *
 * Return: the arrays' elements in the order of the numbers.
 */
json_t *jobs_run(int n, int at_once, json_t *(*work)(int i, void *arg), void *arg)
{
	FILE **out = xzalloc(n * sizeof(*out) + 1);
	int started = 0, done = 0, i;
	time_t since = time(NULL);
	json_t *all;

	while (done < n) {
		show(done, n, since);
		if (started < n && started - done < at_once) {
			/* A list ends with paths, which take longest. */
			i = n - ++started;
			out[i] = start(i, work, arg);
			continue;
		}
		wait_for_one();
		done++;
	}
	show(done, n, since);
	all = collect(out, n);
	free(out);
	return all;
}
