/* fault.h - named places where a test may make handbox fail. Built with --enable-faults, nothing otherwise.
 *
 *	FAULT_POINT("handover_marked");		die here, when asked to
 *	if (FAULT_ERROR("store_commit")) …	pretend an error here
 *
 * HANDBOX_FAULT="name:action:n[,…]" arms them: action kill (SIGKILL to ourselves), error, or stall (sleep 1 s);
 * the n-th passage and no other (n = 0: each).
 */
#ifndef HB_BASE_FAULT_H
#define HB_BASE_FAULT_H

#include <stdbool.h>

#ifdef ENABLE_FAULTS
bool fault_passes(const char *name); /* true: pretend an error */
#define FAULT_POINT(name) ((void)fault_passes(name))
#define FAULT_ERROR(name) fault_passes(name)
#else
#define FAULT_POINT(name) ((void)0)
#define FAULT_ERROR(name) false
#endif

#endif
