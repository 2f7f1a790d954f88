/* walk.h - goes over the tree, checks each element against the table of the language and calls its handlers.
 *
 * Every error is found in one go: after one, the walk goes on with the next attribute or element, and only what stands
 * inside of something unknown is left out.
 */
#ifndef HB_WORKFLOW_WALK_H
#define HB_WORKFLOW_WALK_H

#include <libxml/tree.h>

#include "workflow/build.h"

/* workflow_walk - what is wrong is in build->report afterwards. */
void workflow_walk(struct build *build, const xmlDoc *doc);

#endif
