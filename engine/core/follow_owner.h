/* follow_owner.h - open tasks of steps with follow-owner="yes" go with the contact's owner.
 *
 *	contact->owner_id = user_id;			and its row is saved
 *	err = follow_owner(txn, contact, "ana");	who changed it
 *
 * In the same transaction each of them, pending, snoozed or held, goes to the new owner: the draft travels, whoever has it
 * open is fenced off and their receipt is void (assignee), a text that nobody edited is rendered anew. Nobody (or somebody
 * inactive) as the owner: the pool, of the step's team when there is one. The journal has followed_owner, and the task's
 * why says so. Other tasks stay with whom they were made for.
 *
 * Thread: writer.
 */
#ifndef HB_CORE_FOLLOW_OWNER_H
#define HB_CORE_FOLLOW_OWNER_H

#include "model/records.h"
#include "store/store.h"

enum err follow_owner(struct txn *txn, const struct contact *contact,
		      const char *by) MUST_CHECK;

#endif
