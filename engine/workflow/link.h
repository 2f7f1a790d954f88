/* link.h - when all steps are read: their order, what follows what, the ids nobody wrote, and the steps that are named.
 *
 * In the plan the lists of a step stand in the order of the language (on-sent before on-skipped, otherwise last), whatever
 * their order in the text: so the canonical text gives the same plan.
 */
#ifndef HB_WORKFLOW_LINK_H
#define HB_WORKFLOW_LINK_H

#include "workflow/build.h"

/* workflow_link - build's steps into build's plan. Errors: unknown_step. */
void workflow_link(struct build *build);

/* link_when_slot - of the <when> with this number in the workflow: before all other lists of a step. */
int link_when_slot(size_t number);

/* link_exit - where a step keeps the first step of this list: &step->sms.exits[SMS_EXIT_SENT] for EL_ON_SENT. */
int *link_exit(struct step *step, enum element_id list);

#endif
