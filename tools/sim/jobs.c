// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "die.h"
#include "jobs.h"

#define BAR_WIDTH	40

/**
 * struct job - a piece of work
 * @out: what comes of it
 * @pid: who does it, 0 if nobody
 */
struct job {
	FILE *out;
	pid_t pid;
};

/* Whoever waits may be killed at any time, and work for nobody would go on. */
static void end_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(1);
}

static void start(struct job *job, int i, json_t *(*work)(int i, void *arg), void *arg)
{
	pid_t parent = getpid();

	job->out = tmpfile();
	if (!job->out)
		die("temporary file: %s", strerror(errno));
	fflush(stdout);
	job->pid = fork();
	if (job->pid < 0)
		die("fork: %s", strerror(errno));
	if (job->pid)
		return;
	end_with(parent);
	json_dumpf(work(i, arg), job->out, JSON_COMPACT);
	fflush(job->out);
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

/* The others would go on for nobody. */
static void end_all(const struct job *jobs, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (jobs[i].pid)
			kill(jobs[i].pid, SIGTERM);
	while (wait(NULL) > 0)
		;
}

static void wait_for_one(struct job *jobs, int n)
{
	int status, i;
	pid_t pid = wait(&status);

	if (pid < 0)
		die("wait: %s", strerror(errno));
	for (i = 0; i < n; i++)
		if (jobs[i].pid == pid)
			jobs[i].pid = 0;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return;
	end_all(jobs, n);
	if (WIFSIGNALED(status))
		die("a comparison ended: %s", strsignal(WTERMSIG(status)));
	exit(1);	/* it has told why */
}

static json_t *collect(struct job *jobs, int n)
{
	json_t *all = json_array(), *part;
	int i;

	for (i = 0; i < n; i++) {
		rewind(jobs[i].out);
		part = json_loadf(jobs[i].out, 0, NULL);
		if (!part)
			die("a comparison left no result");
		json_array_extend(all, part);
		json_decref(part);
		fclose(jobs[i].out);
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
	struct job *jobs = xzalloc(n * sizeof(*jobs) + 1);
	int started = 0, done = 0, i;
	time_t since = time(NULL);
	json_t *all;

	while (done < n) {
		show(done, n, since);
		if (started < n && started - done < at_once) {
			/* A list ends with paths, which take longest. */
			i = n - ++started;
			start(&jobs[i], i, work, arg);
			continue;
		}
		wait_for_one(jobs, n);
		done++;
	}
	show(done, n, since);
	all = collect(jobs, n);
	free(jobs);
	return all;
}
