/* hold_reason.h - why a task, a number or a workflow is on hold, and what ends that. Thread: any. */
#ifndef HB_MODEL_HOLD_REASON_H
#define HB_MODEL_HOLD_REASON_H

/* as they stand in the database and in answers */
#define HOLD_UNPUBLISHED   "unpublished"        /* of a workflow */
#define HOLD_UNCLEAR       "unclear_opt_out"    /* of a number */
#define HOLD_REPLIED       "replied"            /* of a task that somebody works on */
#define HOLD_FIRST_ARRIVED "first_text_arrived" /* of a task */

/* hold_reason_means - in words, "" of one that is not known here. hold_reason_fix - what ends it. Both are constant. */
const char *hold_reason_means(const char *reason);
const char *hold_reason_fix(const char *reason);

#endif
