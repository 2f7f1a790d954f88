/* bulk_api.h - what is done to all that a filter finds: counted by a reader, then left to a job. /jobs, too. */
#ifndef HB_API_BULK_API_H
#define HB_API_BULK_API_H

#include "api/body.h"
#include "api/route.h"
#include "core/jobs.h"

enum { BULK_EXPECT_MOST = 1000000000 };

extern const struct route_table bulk_routes;

/* The filter of GET /contacts as a member of a body. */
struct bulk_contacts {
	const char *q, *tag, *phone, *external_id, *owner;
	bool opted_out, test;
	struct body_seen seen;
};
extern const struct body_shape bulk_contacts_shape;

/* bulk_go_on - after the count: a dry run has its answer, else start leaves the job. */
void bulk_go_on(struct call *call, enum err err, bool is_dry_run,
		store_write_fn *start);

/* bulk_enroll_post - takes the request: a dry run, or 202 with the job. */
void bulk_enroll_post(struct http_request *req, const struct bulk_contacts *filter,
		      const struct bulk *bulk, const struct enroll_test *test);

#endif
