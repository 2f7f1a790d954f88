/* fault.c - see fault.h */
#include "base/fault.h"

#ifdef ENABLE_FAULTS
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FAULT_MOST = 16 };

struct fault {
	char name[64], action[16];
	unsigned long at, passed;
};

static struct fault faults[FAULT_MOST];
static unsigned fault_count;
static pthread_once_t fault_once = PTHREAD_ONCE_INIT;
static pthread_mutex_t fault_lock = PTHREAD_MUTEX_INITIALIZER; /* innermost */

static void faults_read(void)
{
	const char *spec = getenv("HANDBOX_FAULT");
	while (spec && *spec && fault_count < FAULT_MOST) {
		struct fault *fault = &faults[fault_count];
		if (sscanf(spec, "%63[^:]:%15[^:]:%lu", fault->name, fault->action,
			   &fault->at) == 3)
			fault_count++;
		else
			fprintf(stderr,
				"handbox: HANDBOX_FAULT is not name:action:n: %s\n",
				spec);
		spec = strchr(spec, ',');
		spec = spec ? spec + 1 : NULL;
	}
}

bool fault_passes(const char *name)
{
	bool error = false;
	pthread_once(&fault_once, faults_read);
	for (unsigned i = 0; i < fault_count; i++) {
		struct fault *fault = &faults[i];
		if (strcmp(fault->name, name) != 0)
			continue;
		pthread_mutex_lock(&fault_lock);
		unsigned long passed = ++fault->passed;
		pthread_mutex_unlock(&fault_lock);
		if (fault->at && fault->at != passed)
			continue;
		if (strcmp(fault->action, "kill") == 0)
			kill(getpid(), SIGKILL);
		else if (strcmp(fault->action, "stall") == 0)
			sleep(1);
		else
			error = true;
	}
	return error;
}
#else
typedef int fault_unused; /* ISO C wants something in every file */
#endif
